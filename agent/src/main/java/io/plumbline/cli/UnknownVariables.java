package io.plumbline.cli;

import io.plumbline.report.Nearest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Variables of the environment that look like settings and are none: a typing error would leave the default in force, and nobody would know. */
final class UnknownVariables {

    /** Those that belong to no option: the node of a pod, and what the launcher tells itself. */
    private static final Set<String> OTHERS =
            Set.of("PLUMBLINE_NODE_NAME", "PLUMBLINE_NODE_IP", "PLUMBLINE_BUILD_ONLY");

    /** What Kubernetes sets in pods for each Service of their namespace, one that is called plumbline for example. */
    private static final Pattern SERVICE_LINK =
            Pattern.compile(".*_SERVICE_(HOST|PORT)(_.*)?|.*_PORT(_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)?");

    private UnknownVariables() {}

    /** Each as a line for the user, with the option's variable that may have been meant. */
    static List<String> among(Map<String, String> environment, CommandSpec root) {
        Set<String> unknown = new TreeSet<>(environment.keySet());
        unknown.removeIf(name -> !name.startsWith(Settings.PREFIX)
                || OTHERS.contains(name)
                || SERVICE_LINK.matcher(name).matches());
        if (unknown.isEmpty()) {
            return List.of();
        }
        // Where these are settings of this command, the options of all the others, which take long to read, are not
        // needed.
        Set<String> known = new TreeSet<>(variables(root).toList());
        unknown.removeAll(known);
        if (unknown.isEmpty()) {
            return List.of();
        }
        known.addAll(
                variables(CommandTree.commandLine(Map.of()).getCommandSpec()).toList());
        known.addAll(OTHERS);
        unknown.removeAll(known);
        Set<String> ends = new TreeSet<>();
        known.forEach(name -> ends.add(end(name)));
        return unknown.stream()
                .map(name -> "the environment's " + name + " is no setting and is ignored"
                        + Nearest.to(end(name), ends)
                                .map(near -> "; did you mean " + Settings.PREFIX + near + "?")
                                .orElse(""))
                .toList();
    }

    /** What sets a name apart: what all have in common would make all of them near. */
    private static String end(String name) {
        return name.substring(Settings.PREFIX.length());
    }

    private static Stream<String> variables(CommandSpec command) {
        return Stream.concat(
                command.options().stream()
                        .filter(option -> !option.usageHelp() && !option.versionHelp())
                        .map(OptionSpec::longestName)
                        .map(Settings::variable),
                command.subcommands().values().stream().flatMap(below -> variables(below.getCommandSpec())));
    }
}
