package io.plumbline.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** What changes when a file does; a ConfigMap's is a link that then leads elsewhere. */
record FileStamp(Path real, String key, long size, long modified) {

    static FileStamp of(Path path) throws IOException {
        Path real = path.toRealPath();
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        return new FileStamp(
                real,
                String.valueOf(attributes.fileKey()),
                attributes.size(),
                attributes.lastModifiedTime().toMillis());
    }
}
