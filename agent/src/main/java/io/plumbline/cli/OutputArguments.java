package io.plumbline.cli;

import picocli.CommandLine.Option;

/** How a report is printed. */
final class OutputArguments {

    @Option(
            names = "--output",
            paramLabel = "table|json",
            defaultValue = "table",
            description = "Output format (default: ${DEFAULT-VALUE}).")
    private String output = "table";

    /**
     * As JSON, and not as a table?
     *
     * @throws UsageException if it is neither
     */
    boolean isJson() {
        return switch (output) {
            case "json" -> true;
            case "table" -> false;
            default -> throw new UsageException("--output: '" + output + "' is unknown; use table or json");
        };
    }
}
