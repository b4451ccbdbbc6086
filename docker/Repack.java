import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.Enumeration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.ClassVisitor;
import org.objectweb.asm.ClassWriter;
import org.objectweb.asm.Label;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * Makes the jars of an image smaller where it is pulled, and no slower where they are read: entries are stored, since a layer is compressed as
 * a whole and then far better; what only other systems load is left out, and of classes the names of local variables, which only a debugger
 * asks for. Lines stay, for traces of a stack.
 *
 * <p>{@code java -cp ASM.jar Repack.java DIRECTORY...}: each jar of the directories is replaced. The same jars give the same bytes.
 */
final class Repack {

    /** Code of other systems, their native libraries (those of this one lie beside the jars), and what only builds read. */
    private static final List<Pattern> LEFT_OUT = Stream.of(
                    "com/sun/jna/[a-z0-9-]+/lib[^/]*",
                    "com/sun/jna/platform/(win32|mac|unix)/.*",
                    "oshi/.*/(windows|mac|unix)/.*",
                    "jnr/constants/platform/(windows|darwin|freebsd|openbsd|dragonflybsd|solaris|aix|sunos)/.*",
                    "META-INF/maven/.*",
                    "META-INF/native-image/.*",
                    "META-INF/proguard/.*",
                    ".*\\.proto")
            .map(Pattern::compile)
            .toList();

    private Repack() {}

    public static void main(String[] args) throws IOException {
        if (args.length == 0) {
            System.err.println("usage: Repack.java DIRECTORY...");
            System.exit(2);
        }
        for (String directory : args) {
            List<Path> jars;
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                jars = files.filter(file -> file.toString().endsWith(".jar")).toList();
            }
            for (Path jar : jars) {
                replace(jar);
            }
        }
    }

    private static void replace(Path jar) throws IOException {
        Path made = jar.resolveSibling(jar.getFileName() + ".new");
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(made);
                ZipOutputStream to = new ZipOutputStream(new BufferedOutputStream(file))) {
            copy(from, to);
        }
        Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copy(ZipFile from, ZipOutputStream to) throws IOException {
        to.setMethod(ZipOutputStream.STORED);
        for (Enumeration<? extends ZipEntry> entries = from.entries(); entries.hasMoreElements(); ) {
            ZipEntry entry = entries.nextElement();
            String name = entry.getName();
            if (LEFT_OUT.stream().anyMatch(pattern -> pattern.matcher(name).matches())) {
                continue;
            }
            byte[] bytes = from.getInputStream(entry).readAllBytes();
            if (name.endsWith(".class") && !name.endsWith("module-info.class")) {
                bytes = withoutVariables(bytes);
            }
            CRC32 sum = new CRC32();
            sum.update(bytes);
            ZipEntry stored = new ZipEntry(name);
            // in the form that knows no time zone
            stored.setTimeLocal(LocalDateTime.of(1980, 2, 1, 0, 0));
            stored.setSize(bytes.length);
            stored.setCompressedSize(bytes.length);
            stored.setCrc(sum.getValue());
            to.putNextEntry(stored);
            to.write(bytes);
            to.closeEntry();
        }
    }

    private static byte[] withoutVariables(byte[] bytes) {
        ClassWriter writer = new ClassWriter(0);
        new ClassReader(bytes).accept(new WithoutVariables(writer), 0);
        return writer.toByteArray();
    }

    /** Writes a class again, with its constants counted anew. */
    private static final class WithoutVariables extends ClassVisitor {
        WithoutVariables(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(int access, String name, String type, String generic, String[] exceptions) {
            return new MethodVisitor(Opcodes.ASM9, super.visitMethod(access, name, type, generic, exceptions)) {
                @Override
                public void visitLocalVariable(
                        String variable, String descriptor, String signature, Label start, Label end, int index) {}
            };
        }
    }
}
