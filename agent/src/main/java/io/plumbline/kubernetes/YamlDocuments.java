package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Field;
import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.kubernetes.ManifestValue.Sequence;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.NodeEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * The documents of a YAML stream, made from the parser's events: its own composer keeps no count of what aliases grow to, and
 * Jackson's YAML parser does not follow them at all.
 *
 * <p>An alias shares the value that it stands for, so that a document of aliases to aliases costs what its text costs; it is refused
 * as soon as the values that it stands for are too many.
 */
final class YamlDocuments implements Documents {

    private static final String TAG = "tag:yaml.org,2002:";

    private final Parser parser;
    private final String text;

    /** Of this document: values by anchor, and the anchors of values that are not finished. */
    private final Map<String, ManifestValue> anchors = new HashMap<>();

    private final Set<String> unfinished = new HashSet<>();
    private final Map<String, String> seen = new HashMap<>();
    private int values;

    YamlDocuments(String text) throws ManifestException {
        this.text = text;
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(Integer.MAX_VALUE); // the text is here already, and bounded
        this.parser = parsed(() -> new ParserImpl(new StreamReader(text), options));
    }

    @Override
    public Optional<ManifestValue> next() throws ManifestException {
        Event event = event();
        if (event.is(Event.ID.StreamStart)) {
            event = event();
        }
        if (event.is(Event.ID.StreamEnd)) {
            return Optional.empty();
        }
        anchors.clear();
        unfinished.clear();
        seen.clear();
        values = 0;
        ManifestValue root = value(event(), 0);
        event(); // the document's end
        return Optional.of(root);
    }

    private ManifestValue value(Event event, int depth) throws ManifestException {
        int line = line(event);
        int column = column(event);
        if (depth > MAX_DEPTH) {
            throw Documents.tooDeep(line, column);
        }
        if (++values > MAX_VALUES) {
            throw Documents.tooMany(line, column, "its text makes");
        }
        if (event instanceof AliasEvent alias) {
            return aliased(alias.getAnchor(), line, column);
        }
        @Nullable String anchor = ((NodeEvent) event).getAnchor();
        if (anchor != null) {
            unfinished.add(anchor);
        }
        ManifestValue value = switch (event.getEventId()) {
            case Scalar -> scalar((ScalarEvent) event, line, column);
            case SequenceStart -> sequence((SequenceStartEvent) event, depth);
            case MappingStart -> mapping((MappingStartEvent) event, depth);
            default -> throw new ManifestException(line, column, "not YAML: unexpected " + event.getEventId());
        };
        if (anchor != null) {
            unfinished.remove(anchor);
            anchors.put(anchor, value);
        }
        return value;
    }

    private ManifestValue aliased(String anchor, int line, int column) throws ManifestException {
        if (unfinished.contains(anchor)) {
            throw new ManifestException(
                    line, column, "the value of the anchor " + Excerpt.of(anchor) + " holds itself");
        }
        ManifestValue value = anchors.get(anchor);
        if (value == null) {
            throw new ManifestException(
                    line, column, "no anchor " + Excerpt.of(anchor) + " stands before this alias in the document");
        }
        return value;
    }

    private ManifestValue sequence(SequenceStartEvent start, int depth) throws ManifestException {
        List<ManifestValue> elements = new ArrayList<>();
        long size = 1;
        for (Event event = event(); !event.is(Event.ID.SequenceEnd); event = event()) {
            ManifestValue element = value(event, depth + 1);
            elements.add(element);
            size = grown(size, element, start);
        }
        return new Sequence(line(start), column(start), List.copyOf(elements), size);
    }

    private ManifestValue mapping(MappingStartEvent start, int depth) throws ManifestException {
        MappingBuilder mapping = new MappingBuilder(line(start), column(start));
        long size = 1;
        for (Event event = event(); !event.is(Event.ID.MappingEnd); event = event()) {
            int line = line(event);
            int column = column(event);
            boolean merges = event instanceof ScalarEvent key
                    && key.isPlain()
                    && key.getValue().equals("<<");
            if (!(value(event, depth + 1) instanceof Scalar name) || name.type() == ScalarType.NULL) {
                throw new ManifestException(line, column, "a field's name must be a text");
            }
            ManifestValue value = value(event(), depth + 1);
            size = grown(size, value, start);
            if (merges) {
                merge(mapping, value);
            } else {
                mapping.add(new Field(line, column, once(name.text()), value));
            }
        }
        return mapping.build();
    }

    /** Looked at with every part: a list of aliases to a large object, or of objects that merge it, must not grow first. */
    private static long grown(long size, ManifestValue part, Event whole) throws ManifestException {
        if (size + part.size() > MAX_VALUES) {
            throw Documents.tooMany(line(whole), column(whole), "aliases make");
        }
        return size + part.size();
    }

    private static void merge(MappingBuilder mapping, ManifestValue value) throws ManifestException {
        List<ManifestValue> sources = value instanceof Sequence sequence ? sequence.elements() : List.of(value);
        // Of several the first one counts, so that it has to come last.
        for (int i = sources.size() - 1; i >= 0; i--) {
            if (!(sources.get(i) instanceof Mapping other)) {
                throw new ManifestException(
                        value.line(),
                        value.column(),
                        "'<<' merges an object or a list of objects, not "
                                + sources.get(i).words());
            }
            mapping.merge(other);
        }
    }

    private Scalar scalar(ScalarEvent event, int line, int column) throws ManifestException {
        @Nullable String tag = event.getTag();
        String content = event.getValue();
        if (tag == null && !event.isPlain()) {
            return new Scalar(line, column, ScalarType.TEXT, once(content));
        }
        if (tag == null) {
            PlainScalar plain = PlainScalar.of(content);
            return new Scalar(line, column, plain.type(), once(plain.text()));
        }
        PlainScalar plain = PlainScalar.of(content);
        boolean fits = switch (tag) {
            case TAG + "int" -> plain.type() == ScalarType.INTEGER;
            case TAG + "float" -> plain.type() == ScalarType.INTEGER || plain.type() == ScalarType.DECIMAL;
            case TAG + "bool" -> plain.type() == ScalarType.TRUE || plain.type() == ScalarType.FALSE;
            case TAG + "null" -> plain.type() == ScalarType.NULL;
            default -> {
                plain = new PlainScalar(ScalarType.TEXT, content);
                yield true;
            }
        };
        if (!fits) {
            throw new ManifestException(
                    line, column, Excerpt.of(content) + " is not what its tag " + Excerpt.of(tag) + " says");
        }
        return new Scalar(line, column, plain.type(), once(plain.text()));
    }

    /** Field names and short values repeat all over a document. */
    private String once(String content) {
        if (content.length() > 64) {
            return content;
        }
        String known = seen.putIfAbsent(content, content);
        return known == null ? content : known;
    }

    private interface Parsing<T> {
        T parse();
    }

    private Event event() throws ManifestException {
        return parsed(parser::getEvent);
    }

    private <T> T parsed(Parsing<T> parsing) throws ManifestException {
        try {
            return parsing.parse();
        } catch (MarkedYAMLException e) {
            @Nullable Mark mark = e.getProblemMark();
            String problem =
                    "not YAML: " + e.getProblem() + (e.getContext() == null ? "" : " (" + e.getContext() + ")");
            throw mark == null
                    ? new ManifestException(problem)
                    : new ManifestException(mark.getLine() + 1, mark.getColumn() + 1, problem);
        } catch (ReaderException e) {
            throw at(e.getPosition(), String.format("not YAML: the character U+%04X is not allowed", e.getCodePoint()));
        } catch (YAMLException e) {
            throw new ManifestException("not YAML: " + e.getMessage());
        }
    }

    private ManifestException at(int codePoint, String problem) {
        int end = text.offsetByCodePoints(0, Math.min(codePoint, text.codePointCount(0, text.length())));
        return ManifestText.exception(text, end, problem);
    }

    private static int line(Event event) {
        return event.getStartMark().getLine() + 1;
    }

    private static int column(Event event) {
        return event.getStartMark().getColumn() + 1;
    }
}
