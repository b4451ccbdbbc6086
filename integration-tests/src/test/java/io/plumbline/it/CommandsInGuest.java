package io.plumbline.it;

import io.plumbline.cli.CommandTree;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jnr.constants.platform.OpenFlags;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;

/**
 * The agent's commands one after the other in one JVM, each of which would take emulation some ten seconds to start, and an API server with
 * objects. Inside the guest.
 *
 * <p>Standard input has a line for each: a name, and the command's words. What it prints is in the files {@code name.out} and
 * {@code name.err} of a directory; then there is {@code name.status}.
 */
final class CommandsInGuest {
    private static final int READABLE = 0644;

    private final POSIX posix = POSIXFactory.getPOSIX();
    private final Path directory;

    private CommandsInGuest(Path directory) {
        this.directory = directory;
    }

    /** Takes the directory for what the commands print; and where there is an API server to be, those of its objects and its certificate. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length > 1) {
            ObjectsServer.start(Path.of(arguments[1]), Path.of(arguments[0], "report.json"), Path.of(arguments[2]));
        }
        var commands = new CommandsInGuest(Path.of(arguments[0]));
        var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ", -1);
            commands.run(words[0], Arrays.copyOfRange(words, 1, words.length));
        }
    }

    private void run(String name, String[] words) throws IOException {
        redirect(1, name + ".out");
        redirect(2, name + ".err");
        int status = CommandTree.run(words);
        Path written = Files.writeString(directory.resolve(name + ".status.new"), status + "\n");
        Files.move(written, directory.resolve(name + ".status"), StandardCopyOption.ATOMIC_MOVE);
    }

    /** The descriptor itself, which is what the commands write to. */
    private void redirect(int descriptor, String name) throws IOException {
        int flags = OpenFlags.O_WRONLY.intValue() | OpenFlags.O_CREAT.intValue() | OpenFlags.O_TRUNC.intValue();
        int opened = posix.open(directory.resolve(name).toString(), flags, READABLE);
        if (opened < 0 || posix.dup2(opened, descriptor) < 0) {
            throw new IOException(name + ": " + posix.strerror(posix.errno()));
        }
        posix.close(opened);
    }
}
