package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The kubelet's {@code /configz}: its configuration as it is in force, {@code kubelet.config.k8s.io/v1beta1}. */
final class Configz {

    private final JsonCursor json;
    private boolean found;
    private boolean seccompDefault;
    private Optional<String> cgroupDriver = Optional.empty();
    private Optional<String> cgroupRoot = Optional.empty();
    private boolean anonymous;
    private Optional<String> authorizationMode = Optional.empty();
    private long readOnlyPort;

    private Configz(JsonCursor json) {
        this.json = json;
    }

    /** Reads to the end and closes the stream. */
    static KubeletConfiguration read(JsonFactory factory, InputStream in, String source) throws KubeletException {
        return JsonCursor.read(factory, in, source, "a kubelet's configuration", json -> {
            Configz configz = new Configz(json);
            json.object(configz::document);
            return configz.configuration(source);
        });
    }

    private void document(String field) throws IOException {
        if (field.equals("kubeletconfig")) {
            found = true;
            json.object(this::field);
        }
    }

    private void field(String field) throws IOException {
        switch (field) {
            // Left out by kubelets that do not know it, 1.21 and before: they had no such default.
            case "seccompDefault" -> seccompDefault = json.flag().orElse(false);
            case "cgroupDriver" -> cgroupDriver = json.name();
            case "cgroupRoot" -> cgroupRoot = json.name();
            case "authentication" ->
                json.object(part -> {
                    if (part.equals("anonymous")) {
                        json.object(this::anonymous);
                    }
                });
            case "authorization" ->
                json.object(part -> {
                    if (part.equals("mode")) {
                        authorizationMode = json.name();
                    }
                });
            // Left out where it is 0.
            case "readOnlyPort" -> readOnlyPort = json.integer().orElse(0L);
            default -> {}
        }
    }

    private void anonymous(String field) throws IOException {
        if (field.equals("enabled")) {
            anonymous = json.flag().orElse(false);
        }
    }

    private KubeletConfiguration configuration(String source) throws KubeletException {
        if (!found) {
            throw new KubeletException(source, "no 'kubeletconfig' in it: not a kubelet's configuration");
        }
        String driver = cgroupDriver.orElseThrow(() -> new KubeletException(source, "it names no cgroupDriver"));
        return new KubeletConfiguration(
                seccompDefault,
                driver,
                cgroupRoot.orElse(""),
                Optional.empty(),
                anonymous,
                authorizationMode.orElse("Webhook"),
                readOnlyPort);
    }
}
