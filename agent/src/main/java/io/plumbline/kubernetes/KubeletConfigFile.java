package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Optional;

/** The file that a kubelet's {@code --config} names: {@code kubelet.config.k8s.io/v1beta1}, as far as somebody judges by it. */
public final class KubeletConfigFile {

    private KubeletConfigFile() {}

    /**
     * Reads it as the kubelet does: what is left out has the file's default, which lets nobody in without a name.
     *
     * @param hostRoot where the node's root is
     * @param path on the node
     */
    public static Reading<KubeletConfiguration> read(Path hostRoot, String path) {
        if (!path.startsWith("/")) {
            return new Reading.Unreadable<>(path, "relative to the kubelet's working directory");
        }
        Path file = hostRoot.resolve(path.substring(1));
        try (InputStream in = Files.newInputStream(file)) {
            Optional<ManifestValue> document = ManifestReader.documents(JsonCursor.factory(), ManifestText.read(in))
                    .next();
            if (document.isPresent() && document.get() instanceof Mapping mapping) {
                return Reading.of(configuration(mapping));
            }
            return new Reading.Unreadable<>(path, "no configuration of a kubelet");
        } catch (NoSuchFileException e) {
            return new Reading.Unreadable<>(path, "ENOENT");
        } catch (AccessDeniedException e) {
            return new Reading.Unreadable<>(path, "EACCES");
        } catch (IOException | ManifestException e) {
            return new Reading.Unreadable<>(path, Excerpt.of(String.valueOf(e.getMessage())));
        }
    }

    private static KubeletConfiguration configuration(Mapping mapping) {
        PolicyFields fields = new PolicyFields(mapping, "", new ArrayList<>());
        return new KubeletConfiguration(
                fields.flag("seccompDefault").orElse(false),
                fields.text("cgroupDriver").orElse("cgroupfs"),
                fields.text("cgroupRoot").orElse(""),
                Optional.empty(),
                fields.object("authentication")
                        .flatMap(authentication -> authentication.object("anonymous"))
                        .flatMap(anonymous -> anonymous.flag("enabled"))
                        .orElse(false),
                fields.object("authorization")
                        .flatMap(authorization -> authorization.text("mode"))
                        .orElse("Webhook"),
                fields.number("readOnlyPort").orElse(0L));
    }
}
