package io.plumbline.checks.rules;

/** The types of the language, as far as fields have them. */
enum FieldType {
    BOOL("bool"),
    INT("int"),
    STRING("string"),
    INTS("list(int)"),
    STRINGS("list(string)"),
    LABELS("map(string, string)");

    private final String word;

    FieldType(String word) {
        this.word = word;
    }

    String word() {
        return word;
    }
}
