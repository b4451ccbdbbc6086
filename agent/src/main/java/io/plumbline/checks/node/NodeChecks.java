package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.checks.node.ApiServerCheck.Answer;
import io.plumbline.model.AttributedNode;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.FindingKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The list of all checks of the node, in the order in which people read them. */
public final class NodeChecks {

    private static final String KUBELETS =
            "The kubelet's /configz, else its live command line, /proc/<pid>/cmdline, and the file that --config names there";
    private static final String API_SERVERS =
            "The live command line of the API server on this node, /proc/<pid>/cmdline; nothing is said of a worker";

    private NodeChecks() {}

    public static List<NodeWideCheck> all() {
        List<NodeWideCheck> all = new ArrayList<>(HostChecks.all());
        all.addAll(kubelet());
        all.addAll(apiServer());
        return List.copyOf(all);
    }

    /** The path on the node that the kubelet's {@code --config} names; empty where there is no one kubelet, or no such flag. */
    public static Optional<String> kubeletFile(AttributedNode node) {
        List<AttributedProcess> kubelets = Component.kubelets(node.others());
        return kubelets.size() == 1
                ? new Flags(kubelets.get(0).process().commandLine()).value("config")
                : Optional.empty();
    }

    private static CheckDescription description(
            String id, String severity, String title, String promise, String reads, String remedy) {
        return new CheckDescription(id, FindingKind.NODE, severity, title, promise, reads, remedy);
    }

    private static List<NodeWideCheck> kubelet() {
        return List.of(
                new KubeletCheck(
                        description(
                                "kubelet-anonymous-auth",
                                "high",
                                "Kubelet answers anybody",
                                "The kubelet authenticates every caller.",
                                KUBELETS,
                                "Set authentication.anonymous.enabled to false in the kubelet's configuration."),
                        "anonymous-auth",
                        "true",
                        configuration -> Boolean.toString(configuration.anonymous()),
                        "false"),
                new KubeletCheck(
                        description(
                                "kubelet-read-only-port",
                                "medium",
                                "Kubelet has a port without authentication",
                                "The kubelet serves pods and metrics only to authenticated callers.",
                                KUBELETS,
                                "Set readOnlyPort to 0 in the kubelet's configuration."),
                        "read-only-port",
                        "10255",
                        configuration -> Long.toString(configuration.readOnlyPort()),
                        "0"),
                new KubeletCheck(
                        description(
                                "kubelet-authorization",
                                "high",
                                "Kubelet allows everything to everybody",
                                "The kubelet asks the API server what its callers may do.",
                                KUBELETS,
                                "Set authorization.mode to Webhook in the kubelet's configuration."),
                        "authorization-mode",
                        "AlwaysAllow",
                        configuration -> configuration.authorizationMode(),
                        "Webhook"),
                new KubeletReplacedCheck());
    }

    private static List<NodeWideCheck> apiServer() {
        return List.of(
                new ApiServerCheck(
                        description(
                                "apiserver-authorization",
                                "high",
                                "API server allows too much",
                                "The API server decides by RBAC (and Node): neither AlwaysAllow nor ABAC is a mode.",
                                API_SERVERS,
                                "Set --authorization-mode=Node,RBAC."),
                        "neither AlwaysAllow nor ABAC",
                        NodeChecks::authorization),
                new ApiServerCheck(
                        description(
                                "apiserver-anonymous-auth",
                                "low",
                                "API server answers anonymous requests",
                                "The API server authenticates every caller.",
                                API_SERVERS,
                                "Set --anonymous-auth=false, or allow anonymous requests to health paths alone with an"
                                        + " AuthenticationConfiguration."),
                        "--anonymous-auth=false",
                        NodeChecks::anonymous),
                new ApiServerCheck(
                        description(
                                "apiserver-token-file",
                                "high",
                                "API server believes a file of passwords or tokens",
                                "The API server accepts no password or token from a file on the node.",
                                API_SERVERS,
                                "Take --token-auth-file and --basic-auth-file out; use certificates or OpenID Connect."),
                        "no such file",
                        NodeChecks::tokenFile),
                new ApiServerCheck(
                        description(
                                "apiserver-admission",
                                "medium",
                                "API server lets in what it should look at",
                                "The admission plugins NodeRestriction and PodSecurity are on.",
                                API_SERVERS,
                                "Add NodeRestriction to --enable-admission-plugins, and take PodSecurity out of"
                                        + " --disable-admission-plugins."),
                        "NodeRestriction and PodSecurity",
                        NodeChecks::admission),
                new ApiServerCheck(
                        description(
                                "apiserver-encryption",
                                "medium",
                                "Secrets are not encrypted at rest",
                                "Secrets are encrypted before they are written to etcd.",
                                API_SERVERS,
                                "Write an EncryptionConfiguration and name it with --encryption-provider-config."),
                        "--encryption-provider-config",
                        flags -> flags.has("encryption-provider-config")
                                ? Optional.empty()
                                : Optional.of(new Answer(
                                        "writes secrets to etcd as they are",
                                        "no --encryption-provider-config",
                                        true))));
    }

    private static Optional<Answer> authorization(Flags flags) {
        List<String> modes = flags.words("authorization-mode");
        if (modes.isEmpty() && !flags.has("authorization-config")) {
            return Optional.of(new Answer(
                    "allows everything to everybody", "no --authorization-mode, whose default is AlwaysAllow", true));
        }
        List<String> weak = modes.stream()
                .filter(mode -> mode.equals("AlwaysAllow") || mode.equals("ABAC"))
                .toList();
        return weak.isEmpty()
                ? Optional.empty()
                : Optional.of(new Answer(
                        "decides by " + String.join(", ", weak),
                        "--authorization-mode=" + String.join(",", modes),
                        false));
    }

    private static Optional<Answer> anonymous(Flags flags) {
        Optional<String> said = flags.value("anonymous-auth");
        if (said.filter("false"::equals).isPresent() || (said.isEmpty() && flags.has("authentication-config"))) {
            return Optional.empty();
        }
        return Optional.of(new Answer(
                "answers requests without a name",
                said.isPresent() ? "--anonymous-auth=" + said.get() : "no --anonymous-auth, whose default is true",
                said.isEmpty()));
    }

    private static Optional<Answer> tokenFile(Flags flags) {
        for (String flag : List.of("token-auth-file", "basic-auth-file")) {
            Optional<String> file = flags.value(flag);
            if (file.isPresent()) {
                return Optional.of(new Answer(
                        "lets in whoever stands in a file on this node", "--" + flag + "=" + file.get(), false));
            }
        }
        return Optional.empty();
    }

    private static Optional<Answer> admission(Flags flags) {
        List<String> off = flags.words("disable-admission-plugins");
        for (String plugin : List.of("PodSecurity", "NodeRestriction")) {
            if (off.contains(plugin)) {
                return Optional.of(new Answer(
                        "has the admission plugin " + plugin + " turned off",
                        "--disable-admission-plugins=" + String.join(",", off),
                        false));
            }
        }
        List<String> on = flags.words("enable-admission-plugins");
        return on.contains("NodeRestriction")
                        || flags.words("admission-control").contains("NodeRestriction")
                ? Optional.empty()
                : Optional.of(new Answer(
                        "does not restrict what kubelets may change (NodeRestriction)",
                        on.isEmpty()
                                ? "no --enable-admission-plugins"
                                : "--enable-admission-plugins=" + String.join(",", on),
                        true));
    }
}
