import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * a whole and then far better; what only other systems load is left out, and so are classes that nothing names; and of classes the names of
 * local variables, which only a debugger asks for. Lines stay, for traces of a stack.
 *
 * <p>{@code java -cp ASM.jar Repack.java PROGRAM.jar LIST DIRECTORY...}: each jar of the directories is replaced. PROGRAM.jar is among them;
 * LIST are classes that the program is known to load. The same jars and list give the same bytes.
 */
final class Repack {

    /** Code of other systems, their native libraries (those of this one lie beside the jars), and what only builds read. */
    private static final List<Pattern> LEFT_OUT = Stream.of(
                    "com/sun/jna/[a-z0-9-]+/(lib|jnidispatch)[^/]*",
                    "com/sun/jna/platform/(win32|mac|unix)/.*",
                    "oshi/.*/(windows|mac|unix)/.*",
                    "jnr/constants/platform/(windows|darwin|freebsd|openbsd|dragonflybsd|solaris|aix|sunos)/.*",
                    "META-INF/jandex\\.idx",
                    "META-INF/maven/.*",
                    "META-INF/native-image/.*",
                    "META-INF/proguard/.*",
                    ".*\\.proto")
            .map(Pattern::compile)
            .toList();

    /** Libraries that put names of their own classes together from parts, such as that of the system: of these all stays. */
    private static final Pattern NAMES_MADE = Pattern.compile("(jna|jnr|jffi|oshi)-.*");

    /** Where classes are named outside of classes. */
    private static final Pattern TEXTS = Pattern.compile("META-INF/services/.*|.*\\.(xml|properties)");

    private static final Pattern VERSION = Pattern.compile("^META-INF/versions/\\d+/");
    private static final Pattern NO_WORD = Pattern.compile("[^A-Za-z0-9_$./]+");

    private Repack() {}

    public static void main(String[] args) throws IOException {
        if (args.length < 3) {
            System.err.println("usage: Repack.java PROGRAM.jar LIST DIRECTORY...");
            System.exit(2);
        }
        List<Path> jars = new ArrayList<>();
        for (String directory : List.of(args).subList(2, args.length)) {
            try (Stream<Path> files = Files.list(Path.of(directory))) {
                files.filter(file -> file.toString().endsWith(".jar")).forEach(jars::add);
            }
        }
        Set<String> named = named(jars, Path.of(args[0]), Path.of(args[1]));
        for (Path jar : jars) {
            replace(jar, named);
        }
    }

    /**
     * The classes that the program can come to: its own, those of the list, and whatever one of these has the name of among its constants, be it
     * a reference, a type or a text for {@code Class.forName}. What no such class names nothing can load, but by a name made at run time.
     */
    private static Set<String> named(List<Path> jars, Path program, Path list) throws IOException {
        Map<String, List<byte[]>> classes = new HashMap<>();
        Set<String> words = new HashSet<>();
        for (Path jar : jars) {
            boolean whole = Files.isSameFile(jar, program)
                    || NAMES_MADE.matcher(jar.getFileName().toString()).matches();
            try (ZipFile zip = new ZipFile(jar.toFile())) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    String name = entry.getName();
                    if (name.endsWith(".class")) {
                        classes.computeIfAbsent(className(name), each -> new ArrayList<>())
                                .add(zip.getInputStream(entry).readAllBytes());
                        if (whole) {
                            words.add(className(name));
                        }
                    } else if (TEXTS.matcher(name).matches()) {
                        addWords(new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8), words);
                    }
                }
            }
        }
        for (String line : Files.readAllLines(list)) {
            addWords(line, words);
        }
        Set<String> named = new HashSet<>(words);
        named.retainAll(classes.keySet());
        Deque<String> unread = new ArrayDeque<>(named);
        while (!unread.isEmpty()) {
            words.clear();
            classes.get(unread.pop()).forEach(bytes -> addConstants(new ClassReader(bytes), words));
            for (String word : words) {
                if (classes.containsKey(word) && named.add(word)) {
                    unread.push(word);
                }
            }
        }
        return named;
    }

    private static String className(String entry) {
        return VERSION.matcher(entry).replaceFirst("").replaceFirst("\\.class$", "");
    }

    /** Each text among a class's constants: names of classes, descriptors, signatures, literals. JVMS 4.4.7. */
    private static void addConstants(ClassReader reader, Set<String> words) {
        char[] buffer = new char[reader.getMaxStringLength()];
        for (int index = 1; index < reader.getItemCount(); index++) {
            int offset = reader.getItem(index);
            if (offset > 0 && reader.readByte(offset - 1) == 1) {
                addWords(new String(buffer, 0, utf8(reader, offset, buffer)), words);
            }
        }
    }

    /** Names are ASCII; what else a literal holds separates words. */
    private static int utf8(ClassReader reader, int offset, char[] into) {
        int length = reader.readUnsignedShort(offset);
        for (int i = 0; i < length; i++) {
            int octet = reader.readByte(offset + 2 + i);
            into[i] = octet < 128 ? (char) octet : ' ';
        }
        return length;
    }

    /** As they stand, with slashes for dots; and from each L on, with which types begin in descriptors. */
    private static void addWords(String text, Set<String> words) {
        for (String part : NO_WORD.split(text)) {
            String word = part.replace('.', '/');
            words.add(word);
            int last = word.lastIndexOf('/');
            for (int at = word.indexOf('L'); at >= 0 && at < last; at = word.indexOf('L', at + 1)) {
                words.add(word.substring(at + 1));
            }
        }
    }

    private static void replace(Path jar, Set<String> named) throws IOException {
        Path made = jar.resolveSibling(jar.getFileName() + ".new");
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(made);
                ZipOutputStream to = new ZipOutputStream(new BufferedOutputStream(file))) {
            copy(from, to, named);
        }
        Files.move(made, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copy(ZipFile from, ZipOutputStream to, Set<String> named) throws IOException {
        to.setMethod(ZipOutputStream.STORED);
        for (Enumeration<? extends ZipEntry> entries = from.entries(); entries.hasMoreElements(); ) {
            ZipEntry entry = entries.nextElement();
            String name = entry.getName();
            boolean isNoneToLoad = name.endsWith("-info.class") || !name.endsWith(".class");
            if (LEFT_OUT.stream().anyMatch(pattern -> pattern.matcher(name).matches())
                    || !(isNoneToLoad || named.contains(className(name)))) {
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
