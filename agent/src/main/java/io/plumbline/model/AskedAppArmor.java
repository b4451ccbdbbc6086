package io.plumbline.model;

import io.plumbline.model.DeclaredPod.Profile;
import java.util.Optional;
import java.util.function.Function;

/**
 * The AppArmor profile that a kubelet asks its runtime for, and what of the pod says so: {@code GetProfile} of {@code
 * pkg/security/apparmor/helpers.go}.
 *
 * <p>The container's own field stands over all. A static pod's annotation stands over the pod's field: for other pods the API server
 * has written the annotation into the container's field, as long as it does that, so that one without it has no effect beside a field.
 */
public record AskedAppArmor(Profile profile, Source source) {

    /** The beginning of the annotation's key; the container's name follows. */
    public static final String ANNOTATION = "container.apparmor.security.beta.kubernetes.io/";

    private static final String LOCALHOST = "localhost/";

    /** Where it stands. */
    public enum Source {
        CONTAINER,
        ANNOTATION,
        POD
    }

    /** Empty where nothing is asked for. */
    public static Optional<AskedAppArmor> of(DeclaredPod pod, DeclaredContainer container) {
        Optional<AskedAppArmor> own = container.security().appArmorProfile().map(by(Source.CONTAINER));
        Optional<AskedAppArmor> annotated = annotation(pod, container).map(by(Source.ANNOTATION));
        Optional<AskedAppArmor> pods = pod.security().appArmorProfile().map(by(Source.POD));
        return own.or(() -> pod.isStatic() ? annotated.or(() -> pods) : pods.or(() -> annotated));
    }

    private static Function<Profile, AskedAppArmor> by(Source source) {
        return profile -> new AskedAppArmor(profile, source);
    }

    /** {@code runtime/default}, {@code localhost/<name>} or {@code unconfined}; a kubelet passes over other texts. */
    private static Optional<Profile> annotation(DeclaredPod pod, DeclaredContainer container) {
        String value = pod.annotations().getOrDefault(ANNOTATION + container.name(), "");
        if (value.startsWith(LOCALHOST)) {
            return Optional.of(new Profile("Localhost", Optional.of(value.substring(LOCALHOST.length()))));
        }
        return switch (value) {
            case "runtime/default" -> Optional.of(new Profile("RuntimeDefault", Optional.empty()));
            case "unconfined" -> Optional.of(new Profile("Unconfined", Optional.empty()));
            default -> Optional.empty();
        };
    }

    /** Nothing to be confined by: also a Localhost profile of that name, which means the same to the kernel. */
    public boolean isUnconfined() {
        return profile.type().equals("Unconfined")
                || (profile.type().equals("Localhost")
                        && profile.localhostProfile()
                                .filter("unconfined"::equals)
                                .isPresent());
    }

    /** As it stands in the pod. */
    public String words() {
        return (source == Source.ANNOTATION ? "AppArmor annotation: " : "appArmorProfile: ") + profile;
    }
}
