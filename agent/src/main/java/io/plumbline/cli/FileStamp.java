package io.plumbline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * What changes when a file does, or who may read it; a ConfigMap's is a link that then leads elsewhere.
 *
 * @param attributes of the file that is there: inode, size, and the times when content and metadata were changed
 */
record FileStamp(Path real, Map<String, Object> attributes) {

    FileStamp {
        attributes = Map.copyOf(attributes);
    }

    static FileStamp of(Path path) throws IOException {
        Path real = path.toRealPath();
        return new FileStamp(real, Files.readAttributes(real, "unix:dev,ino,size,lastModifiedTime,ctime"));
    }
}
