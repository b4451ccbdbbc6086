package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A saved answer of a kubelet's {@code /pods}, or of {@code kubectl get pods -A -o json}, in place of a kubelet. What was made of it is kept
 * as long as nobody writes the file. One thread at a time.
 */
public final class PodsFile {

    /** Names of the attributes that no writer leaves as they are, see inode(7). */
    private static final String VERSION = "unix:ino,size,lastModifiedTime,ctime";

    private final Path file;
    private Map<String, Object> version = Map.of();
    private @Nullable DeclaredNode known;

    public PodsFile(Path file) {
        this.file = file;
    }

    /**
     * The pods of a file; the kubelet's configuration is absent.
     *
     * @throws KubeletException if the file cannot be read or is no list of pods
     */
    public DeclaredNode read() throws KubeletException {
        if (Files.isDirectory(file)) {
            throw new KubeletException(file.toString(), "a directory; expected a file with a list of pods as JSON");
        }
        try {
            // Asked before it is read: what is written meanwhile is read the next time.
            Map<String, Object> now = Files.readAttributes(file, VERSION);
            DeclaredNode last = known;
            if (last != null && now.equals(version)) {
                return last;
            }
            DeclaredNode read = parsed();
            known = read;
            version = now;
            return read;
        } catch (NoSuchFileException e) {
            throw new KubeletException(file.toString(), "no such file; save one with 'kubectl get pods -A -o json'", e);
        } catch (AccessDeniedException e) {
            throw new KubeletException(
                    file.toString(), "permission denied (EACCES); make it readable for this user", e);
        } catch (IOException e) {
            throw new KubeletException(file.toString(), Excerpt.of(String.valueOf(e.getMessage())), e);
        }
    }

    private DeclaredNode parsed() throws IOException, KubeletException {
        PodListReader.PodList list;
        try (InputStream in = Files.newInputStream(file)) {
            list = new PodListReader(JsonCursor.factory()).read(in, file.toString());
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
