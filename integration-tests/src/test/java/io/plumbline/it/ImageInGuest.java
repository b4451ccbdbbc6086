package io.plumbline.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The agent's image inside the guest machine, as containers of runc with the rights and the mounts that the chart gives an agent that loads
 * profiles and is not privileged. Each is a bundle in {@code /in/image}: {@code load} takes the ConfigMap's profiles, which are those of {@code
 * /tmp/two-image}, and {@code remove} all that were loaded from the node.
 */
final class ImageInGuest {
    private static final String PLACE = "/in/image/";
    private static final String PROFILES = "/tmp/two-image";
    private static final String NODE = "--host-root=/host --state-dir=/var/lib/plumbline";

    private ImageInGuest() {}

    /** Puts it into what will be {@code /in}. */
    static void bring(Path in) {
        Path image = in.resolve("image");
        try {
            Path scratch = Files.createDirectories(in.resolveSibling("image"));
            AgentImage.ofThisMachine(scratch).unpack(image.resolve("root"));
            Path manifest = Files.writeString(scratch.resolve("rendered.yaml"), render());
            JsonNode pod = Roles.of(manifest).object("DaemonSet", "plumbline").at("/spec/template");
            String profiles = mountOf(pod, "apparmor").get("mountPath").asText();
            bundle(image, "load", pod, "apparmor load " + NODE + " " + profiles);
            bundle(image, "remove", pod, "apparmor remove --all " + NODE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String render() {
        return new Helm(Machine.repository().resolve("daemonset/chart"))
                .template()
                .withName("plumbline")
                .withNamespace("plumbline")
                .set("privileged", false)
                .set("appArmor.configMap", "profiles")
                .call();
    }

    private static JsonNode mountOf(JsonNode pod, String volume) {
        for (JsonNode mount : pod.at("/spec/containers/0/volumeMounts")) {
            if (mount.get("name").asText().equals(volume)) {
                return mount;
            }
        }
        throw new AssertionError("no mount of " + volume + " in " + pod);
    }

    private static void bundle(Path image, String name, JsonNode template, String words) throws IOException {
        ObjectNode object = template.deepCopy();
        object.withObject("/metadata").put("name", "plumbline-" + name).put("namespace", "plumbline");
        Pod pod = Pod.of(object.toString());
        ObjectNode container = pod.running().get(0);
        ArrayNode command = container.putArray("command").add("/usr/bin/plumbline");
        List.of(words.split(" ")).forEach(command::add);
        List<Volumes.Mount> mounts = new ArrayList<>();
        for (JsonNode volume : object.at("/spec/volumes")) {
            JsonNode mount = mountOf(template, volume.get("name").asText());
            Path source =
                    Path.of(volume.has("hostPath") ? volume.at("/hostPath/path").asText() : PROFILES);
            mounts.add(new Volumes.Mount(
                    source,
                    mount.get("mountPath").asText(),
                    mount.path("readOnly").asBoolean(false)));
        }
        // the namespaces that the pod's containers share are the guest's own
        ObjectNode config = new CriConfig(pod, new CriConfig.Defaults(true, Optional.empty()))
                .container(container, Node.newId(), "sandbox", 1, mounts);
        config.withObject("/process").putArray("env").add("PATH=/usr/bin:/sbin").add("LANG=C.UTF-8");
        config.withObject("/root").put("path", PLACE + "root");
        Path bundle = Files.createDirectories(image.resolve(name));
        Files.write(bundle.resolve("config.json"), new ObjectMapper().writeValueAsBytes(config));
    }
}
