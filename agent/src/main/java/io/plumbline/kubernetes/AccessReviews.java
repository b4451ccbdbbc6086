package io.plumbline.kubernetes;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReview;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewBuilder;
import io.fabric8.kubernetes.api.model.authorization.v1.SubjectAccessReviewSpecBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.plumbline.model.Caller;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Asks the cluster whose a token is and what its owner may do: authentication.k8s.io/v1 and authorization.k8s.io/v1. */
public final class AccessReviews {

    private static final int LOWEST_STATUS = 100;

    private final KubernetesClient client;

    AccessReviews(KubernetesClient client) {
        this.client = client;
    }

    /**
     * Whose token it is; empty where the cluster knows nobody by it.
     *
     * @throws IOException if the API server does not say: one line with the right that is missing, or what was found
     */
    public Optional<Caller> whose(String token) throws IOException {
        TokenReview asked = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .endSpec()
                .build();
        TokenReview answer = ask(
                "tokenreviews.authentication.k8s.io",
                () -> client.tokenReviews().create(asked));
        // Known, and without a name: that is nobody, whoever answered.
        if (answer.getStatus() == null
                || !Boolean.TRUE.equals(answer.getStatus().getAuthenticated())
                || answer.getStatus().getUser() == null) {
            return Optional.empty();
        }
        UserInfo user = answer.getStatus().getUser();
        return Optional.of(new Caller(
                orEmpty(user.getUsername()),
                orEmpty(user.getUid()),
                user.getGroups() == null ? List.of() : user.getGroups(),
                user.getExtra() == null ? Map.of() : user.getExtra()));
    }

    /**
     * May he get this path, which is no object of the API?
     *
     * @throws IOException as {@link #whose}
     */
    public boolean mayGet(Caller caller, String path) throws IOException {
        return allowed(spec(caller)
                .withNewNonResourceAttributes()
                .withPath(path)
                .withVerb("get")
                .endNonResourceAttributes());
    }

    /**
     * May he get every pod of this namespace?
     *
     * @throws IOException as {@link #whose}
     */
    public boolean mayGetPods(Caller caller, String namespace) throws IOException {
        return allowed(spec(caller)
                .withNewResourceAttributes()
                .withNamespace(namespace)
                .withVerb("get")
                .withVersion("v1")
                .withResource("pods")
                .endResourceAttributes());
    }

    private static SubjectAccessReviewSpecBuilder spec(Caller caller) {
        return new SubjectAccessReviewSpecBuilder()
                .withUser(caller.user())
                .withUid(caller.uid())
                .withGroups(caller.groups())
                .withExtra(caller.extra());
    }

    private boolean allowed(SubjectAccessReviewSpecBuilder spec) throws IOException {
        SubjectAccessReview asked =
                new SubjectAccessReviewBuilder().withSpec(spec.build()).build();
        SubjectAccessReview answer = ask(
                "subjectaccessreviews.authorization.k8s.io",
                () -> client.authorization().v1().subjectAccessReview().create(asked));
        return answer.getStatus() != null
                && Boolean.TRUE.equals(answer.getStatus().getAllowed());
    }

    private <T> T ask(String resource, Supplier<T> question) throws IOException {
        try {
            return question.get();
        } catch (KubernetesClientException e) {
            throw new IOException(
                    Excerpt.line(client.getMasterUrl() + ": "
                            + (e.getCode() == 403
                                    ? "403 Forbidden: this agent may not create " + resource
                                            + "; its ClusterRole must name it"
                                    : resource + ": " + why(e))),
                    e);
        } catch (RuntimeException e) {
            // The token file of this agent, for example.
            throw new IOException(Excerpt.line(String.valueOf(e.getMessage())), e);
        }
    }

    /** Where there was no answer the library's own words are "An error has occurred."; those below tell which. */
    static String why(KubernetesClientException e) {
        String why = String.valueOf(e.getMessage());
        for (Throwable inner = e.getCause(); e.getCode() < LOWEST_STATUS && inner != null; inner = inner.getCause()) {
            if (inner instanceof ConnectException) {
                return "nobody there takes a connection";
            }
            why = inner.getMessage() == null ? inner.getClass().getSimpleName() : inner.getMessage();
        }
        return why;
    }

    private static String orEmpty(String text) {
        return text == null ? "" : text;
    }
}
