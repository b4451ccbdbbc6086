package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** A saved answer of a kubelet's {@code /pods}, or of {@code kubectl get pods -A -o json}, in place of a kubelet. */
public final class PodsFile {

    private PodsFile() {}

    /**
     * The pods of a file; the kubelet's configuration is absent.
     *
     * @throws KubeletException if the file cannot be read or is no list of pods
     */
    public static DeclaredNode read(Path file) throws KubeletException {
        if (Files.isDirectory(file)) {
            throw new KubeletException(file.toString(), "a directory; expected a file with a list of pods as JSON");
        }
        PodListReader.PodList list;
        try (InputStream in = Files.newInputStream(file)) {
            list = new PodListReader(JsonCursor.factory()).read(in, file.toString());
        } catch (NoSuchFileException e) {
            throw new KubeletException(file.toString(), "no such file; save one with 'kubectl get pods -A -o json'", e);
        } catch (AccessDeniedException e) {
            throw new KubeletException(
                    file.toString(), "permission denied (EACCES); make it readable for this user", e);
        } catch (IOException e) {
            throw new KubeletException(file.toString(), Excerpt.of(String.valueOf(e.getMessage())), e);
        }
        return new DeclaredNode(
                file.toString(),
                list.nodeName(),
                list.pods(),
                new Reading.Absent<>("/configz"),
                list.warnings(),
                list.cluster());
    }
}
