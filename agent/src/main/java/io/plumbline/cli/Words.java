package io.plumbline.cli;

/** What the words of options mean that several commands have. */
final class Words {

    private Words() {}

    /** @throws UsageException if it is neither {@code table} nor {@code json} */
    static boolean isJson(String output) {
        return switch (output) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new UsageException("--output: '" + output + "' is unknown; use table or json");
        };
    }
}
