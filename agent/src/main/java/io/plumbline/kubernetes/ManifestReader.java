package io.plumbline.kubernetes;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.util.TokenBuffer;
import io.plumbline.kubernetes.JsonCursor.UnexpectedValueException;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads manifests as {@code kubectl apply} would: YAML with several documents or JSON objects, lists taken apart, and the pod of each
 * object that carries one, filled in as the API server does where that decides what the pod may do.
 *
 * <p>Bounded: 32 MiB of text, a million values in one document with aliases followed, a hundred levels. A field that stands twice, a
 * value of another type than the API has, and whatever is no YAML is an error with its line and column.
 */
public final class ManifestReader {

    /** Lists in lists in lists. */
    private static final int MAX_LISTS = 10;

    private static final Pattern SEVERAL_DOCUMENTS = Pattern.compile("^---", Pattern.MULTILINE);
    private static final Pattern JSON_BEGINS = Pattern.compile("\\s*\\{\\s*[\"}]");

    private final JsonFactory factory = JsonCursor.factory();

    /**
     * Reads one file and hands over its objects as they come.
     *
     * @throws ManifestException if the file cannot be read or is no manifest; the objects before that have been handed over
     */
    public void read(Path file, Consumer<Manifest> each) throws ManifestException {
        if (Files.isDirectory(file)) {
            throw new ManifestException("a directory; expected a file with a manifest");
        }
        try (InputStream in = Files.newInputStream(file)) {
            read(in, each);
        } catch (NoSuchFileException e) {
            throw new ManifestException("no such file");
        } catch (AccessDeniedException e) {
            throw new ManifestException("permission denied (EACCES); make it readable for this user");
        } catch (IOException e) {
            throw new ManifestException("reading failed: " + e.getMessage());
        }
    }

    /**
     * The same from a stream, which is left open.
     *
     * @throws IOException if the stream cannot be read
     */
    public void read(InputStream in, Consumer<Manifest> each) throws IOException, ManifestException {
        Documents documents = documents(factory, ManifestText.read(in));
        boolean any = false;
        for (Optional<ManifestValue> next = documents.next(); next.isPresent(); next = documents.next()) {
            ManifestValue document = next.get();
            if (document instanceof Scalar nothing && nothing.type() == ScalarType.NULL) {
                continue;
            }
            any = true;
            object(mapping(document), "", "", 0, each);
        }
        if (!any) {
            throw new ManifestException("empty: no object in it");
        }
    }

    /** The documents of a text, YAML or JSON. */
    static Documents documents(JsonFactory factory, String text) throws ManifestException {
        boolean json = JSON_BEGINS.matcher(text).lookingAt()
                && !SEVERAL_DOCUMENTS.matcher(text).find();
        return json ? new JsonDocuments(factory, text) : new YamlDocuments(text);
    }

    /** @param listed, listedVersion what an element of a list is, where it does not say itself */
    private void object(Mapping object, String listed, String listedVersion, int lists, Consumer<Manifest> each)
            throws ManifestException {
        String kind = text(object, "kind").orElse(listed);
        if (kind.isEmpty()) {
            throw new ManifestException(
                    object.line(), object.column(), "an object without a kind is none of Kubernetes");
        }
        String apiVersion = text(object, "apiVersion").orElse(kind.equals(listed) ? listedVersion : "");
        Optional<ManifestValue> items = kind.endsWith("List") ? object.get("items") : Optional.empty();
        if (items.isPresent() || kind.equals("List")) {
            items(kind, apiVersion, items, object, lists, each);
        } else {
            each.accept(manifest(object, kind, apiVersion));
        }
    }

    private void items(
            String kind,
            String apiVersion,
            Optional<ManifestValue> items,
            Mapping list,
            int lists,
            Consumer<Manifest> each)
            throws ManifestException {
        if (lists == MAX_LISTS) {
            throw new ManifestException(list.line(), list.column(), "lists in lists, more than " + MAX_LISTS + " deep");
        }
        if (items.isEmpty()) {
            return;
        }
        if (!(items.get() instanceof Sequence sequence)) {
            throw unexpected(items.get(), "a list", "items");
        }
        String listed = kind.substring(0, kind.length() - "List".length());
        for (ManifestValue item : sequence.elements()) {
            object(mapping(item), listed, listed.isEmpty() ? "" : apiVersion, lists + 1, each);
        }
    }

    private Manifest manifest(Mapping object, String kind, String apiVersion) throws ManifestException {
        Optional<Mapping> metadata = child(object, "metadata");
        String name = metadata.flatMap(meta -> text(meta, "name").or(() -> text(meta, "generateName")))
                .orElse("");
        Optional<PodCarrier> carrier = PodCarrier.of(apiVersion, kind);
        if (carrier.isEmpty()) {
            return new Manifest(kind, name, object.line(), Optional.empty(), List.of());
        }
        List<String> notes = new ArrayList<>();
        if (apiVersion.isEmpty()) {
            notes.add("no apiVersion: the API server refuses it");
        }
        Mapping pod = object;
        String path = "";
        for (String field : carrier.get().path()) {
            path += field;
            Optional<Mapping> next = child(pod, field);
            if (next.isEmpty()) {
                notes.add(path + " is missing: the API server refuses it");
                return new Manifest(kind, name, object.line(), Optional.empty(), notes);
            }
            pod = next.get();
            path += ".";
        }
        String namespace = metadata.flatMap(meta -> text(meta, "namespace")).orElse("");
        DeclaredPod declared = pod(pod, namespace, name, carrier.get());
        if (declared.containers().isEmpty()) {
            notes.add("no container in it: the API server refuses it");
        }
        notes.addAll(KnownFields.unknownIn(pod, path));
        return new Manifest(kind, name, object.line(), Optional.of(declared), notes);
    }

    private static DeclaredPod pod(Mapping pod, String namespace, String name, PodCarrier carrier)
            throws ManifestException {
        try (TokenBuffer tokens = new TokenBuffer(null, false)) {
            pod.write(tokens);
            try (JsonParser parser = tokens.asParser()) {
                parser.nextToken();
                JsonCursor json = new JsonCursor(parser);
                PodReader reader = new PodReader(json);
                try {
                    json.object(reader::field);
                    return reader.manifest(namespace, name, carrier.isPod());
                } catch (UnexpectedValueException e) {
                    throw new ValuePath(parser.getParsingContext().pathAsPointer()).problem(pod, e);
                }
            }
        } catch (IOException e) {
            throw new ManifestException(pod.line(), pod.column(), String.valueOf(e.getMessage()));
        }
    }

    private static Optional<String> text(Mapping object, String field) {
        return object.get(field)
                .filter(value -> value instanceof Scalar)
                .map(value -> ((Scalar) value).text())
                .filter(text -> !text.isEmpty());
    }

    private static Optional<Mapping> child(Mapping object, String field) throws ManifestException {
        Optional<ManifestValue> child = object.get(field);
        if (child.isEmpty()) {
            return Optional.empty();
        }
        if (child.get() instanceof Mapping mapping) {
            return Optional.of(mapping);
        }
        throw unexpected(child.get(), "an object", field);
    }

    private static Mapping mapping(ManifestValue value) throws ManifestException {
        if (value instanceof Mapping mapping) {
            return mapping;
        }
        throw new ManifestException(
                value.line(), value.column(), "expected an object of Kubernetes, found " + value.words());
    }

    private static ManifestException unexpected(ManifestValue value, String wanted, String field) {
        return new ManifestException(
                value.line(),
                value.column(),
                "expected " + wanted + ", found " + value.words() + ", in '" + field + "'");
    }
}
