package io.plumbline.cli;

import io.plumbline.apparmor.ProfileDirectory;
import io.plumbline.apparmor.ProfileSource;
import io.plumbline.apparmor.ProfileSupply;
import io.plumbline.state.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files of profiles that were named on the command line. */
final class ProfileInputs {

    private static final String STANDARD_INPUT = "-";

    private ProfileInputs() {}

    /** How a file is called in messages. */
    static String shown(String file) {
        return file.equals(STANDARD_INPUT) ? "standard input" : file;
    }

    /**
     * All of a file.
     *
     * @throws UsageException if it is not there, cannot be read, or is too large for a profile
     */
    static byte[] read(String file) {
        try (InputStream in = file.equals(STANDARD_INPUT) ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(ProfileDirectory.LARGEST_FILE + 1);
            if (bytes.length > ProfileDirectory.LARGEST_FILE) {
                throw new UsageException(
                        shown(file) + ": larger than " + (ProfileDirectory.LARGEST_FILE >> 20) + " MiB; no profile is");
            }
            return bytes;
        } catch (IOException e) {
            throw new UsageException(shown(file) + ": cannot be read: " + Trouble.of(e));
        }
    }

    /** The sources that the words name: files, and directories of them. */
    static List<ProfileSource> sources(List<String> files) {
        List<ProfileSource> sources = new ArrayList<>();
        for (String file : files) {
            if (!file.equals(STANDARD_INPUT) && Files.isDirectory(Path.of(file))) {
                try {
                    ProfileSupply.Contents contents = new ProfileDirectory(Path.of(file)).read();
                    contents.errors().stream().findFirst().ifPresent(error -> {
                        throw new UsageException(error.toString());
                    });
                    sources.addAll(contents.sources());
                } catch (IOException e) {
                    throw new UsageException(file + ": " + e.getMessage());
                }
            } else {
                sources.add(ProfileSource.of(shown(file), read(file)));
            }
        }
        return sources;
    }
}
