package io.plumbline.http;

import io.plumbline.report.Nearest;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The parameters of a request: all known, all of the right form, each once. */
final class Query {

    private final Map<String, String> values;

    private Query(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads what stands behind the question mark.
     *
     * @throws BadRequestException naming everything that is wrong
     */
    static Query parse(@Nullable String raw, List<Parameter> known) throws BadRequestException {
        Map<String, String> values = new LinkedHashMap<>();
        List<String> wrong = new ArrayList<>();
        List<String> names = known.stream().map(Parameter::name).toList();
        for (String pair : raw == null ? new String[0] : raw.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            Optional<String> name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            Optional<String> value = decoded(equals < 0 ? "" : pair.substring(equals + 1));
            if (name.isEmpty() || value.isEmpty()) {
                wrong.add("'" + pair + "' is not percent-encoded as it should be");
                continue;
            }
            Optional<Parameter> parameter =
                    known.stream().filter(one -> one.name().equals(name.get())).findFirst();
            if (parameter.isEmpty()) {
                wrong.add(unknown(name.get(), names));
            } else if (values.putIfAbsent(name.get(), value.get()) != null) {
                wrong.add(name.get() + ": given twice");
            } else {
                parameter.get().trouble(value.get()).ifPresent(wrong::add);
            }
        }
        if (!wrong.isEmpty()) {
            throw new BadRequestException(String.join("; ", wrong));
        }
        return new Query(values);
    }

    private static String unknown(String name, List<String> names) {
        return "unknown parameter '" + name + "'"
                + Nearest.to(name, names)
                        .map(near -> ", did you mean '" + near + "'?")
                        .orElse(names.isEmpty() ? ", there is none here" : ", there are " + String.join(", ", names));
    }

    private static Optional<String> decoded(String text) {
        try {
            return Optional.of(URLDecoder.decode(text, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    boolean has(Parameter parameter) {
        return values.containsKey(parameter.name());
    }

    /** The parameter is not given, or this is its value. */
    boolean allows(String parameter, String value) {
        String told = values.get(parameter);
        return told == null || told.equals(value);
    }

    boolean isTrue(Parameter parameter) {
        return "true".equals(values.get(parameter.name()));
    }

    int number(Parameter parameter, int otherwise) {
        String told = values.get(parameter.name());
        return told == null ? otherwise : Integer.parseInt(told);
    }
}
