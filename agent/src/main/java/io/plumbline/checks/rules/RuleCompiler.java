package io.plumbline.checks.rules;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelIssue;
import dev.cel.common.CelOptions;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelReference;
import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerBuilder;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import io.plumbline.model.PolicySet.OwnRule;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes rules out of their text. The language is CEL as Kubernetes' ValidatingAdmissionPolicy has it, without what makes values grow:
 * {@code map}, and the concatenation of strings and lists. With the limit on iterations that bounds what a rule can cost.
 */
final class RuleCompiler {

    /** Steps of {@code all}, {@code exists}, {@code exists_one} and {@code filter} together, for one task. */
    static final int ITERATIONS = 10_000;

    private static final int LONGEST = 4096;
    private static final int DEEPEST = 32;
    static final int REGEX_PROGRAM = 1000;
    private static final Set<String> CONCATENATIONS = Set.of("add_string", "add_bytes");

    private static final Pattern UNDECLARED = Pattern.compile("undeclared reference to '([^']*)'.*");
    private static final Pattern NAME = Pattern.compile("\\w+(?:\\.\\w+)*");

    private final List<Field> fields = Fields.all();
    private final CelCompiler compiler;
    private final CelRuntime runtime;
    private final Patterns patterns;

    RuleCompiler() {
        CelOptions options = CelOptions.current()
                .comprehensionMaxIterations(ITERATIONS)
                .maxExpressionCodePointSize(LONGEST)
                .maxParseRecursionDepth(DEEPEST)
                .maxRegexProgramSize(REGEX_PROGRAM)
                .enableStringConcatenation(false)
                .enableUnknownTracking(true)
                .build();
        CelCompilerBuilder builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(options)
                .setStandardMacros(
                        CelStandardMacro.HAS,
                        CelStandardMacro.ALL,
                        CelStandardMacro.EXISTS,
                        CelStandardMacro.EXISTS_ONE,
                        CelStandardMacro.FILTER)
                .setResultType(SimpleType.BOOL);
        fields.forEach(field -> builder.addVar(field.name(), type(field)));
        compiler = builder.build();
        runtime = CelRuntimeFactory.standardCelRuntimeBuilder()
                .setOptions(options)
                .build();
        patterns = new Patterns(compiler, runtime);
    }

    private static CelType type(Field field) {
        return switch (field.type()) {
            case BOOL -> SimpleType.BOOL;
            case INT -> SimpleType.INT;
            case STRING -> SimpleType.STRING;
            case INTS -> ListType.create(SimpleType.INT);
            case STRINGS -> ListType.create(SimpleType.STRING);
            case LABELS -> MapType.create(SimpleType.STRING, SimpleType.STRING);
        };
    }

    /**
     * Compiles one.
     *
     * @param problems gets one line for each thing that is wrong, with its place
     */
    Optional<Rule> compile(OwnRule rule, List<String> problems) {
        try {
            CelAbstractSyntaxTree tree = compiler.compile(rule.expression()).getAst();
            int before = problems.size();
            refuseGrowth(tree, (id, why) -> problems.add(place(rule, tree, id) + why));
            patterns.check(tree, (id, why) -> problems.add(place(rule, tree, id) + why));
            if (problems.size() > before) {
                return Optional.empty();
            }
            return Optional.of(new Rule(rule, runtime.createProgram(tree), used(tree)));
        } catch (CelValidationException e) {
            List<CelIssue> issues = e.getErrors();
            for (CelIssue issue : issues) {
                problems.add(place(rule, issue.getSourceLocation()) + words(rule, issue));
            }
        } catch (CelEvaluationException e) {
            problems.add(where(rule) + ": " + e.getMessage());
        }
        return Optional.empty();
    }

    /** The compiler names the first part of a name alone, and what it calls a container is another thing here. */
    private static String words(OwnRule rule, CelIssue issue) {
        Matcher undeclared = UNDECLARED.matcher(issue.getMessage());
        if (!undeclared.matches()) {
            return issue.getMessage();
        }
        String line = rule.expression()
                .lines()
                .skip(Math.max(issue.getSourceLocation().getLine() - 1, 0))
                .findFirst()
                .orElse("");
        Matcher name = NAME.matcher(line)
                .region(Math.min(issue.getSourceLocation().getColumn(), line.length()), line.length());
        return "undeclared reference to '" + (name.lookingAt() ? name.group() : undeclared.group(1))
                + "'; 'plumbline explain own-rules' has all names";
    }

    /** The runtime has no concatenation of strings; here is where that can be said with its place. */
    private static void refuseGrowth(CelAbstractSyntaxTree tree, BiConsumer<Long, String> problem) {
        Map<Long, CelReference> references = tree.getReferenceMap();
        references.forEach((id, reference) -> {
            List<String> overloads = reference.overloadIds();
            if (overloads.stream().anyMatch(CONCATENATIONS::contains)) {
                problem.accept(id, "strings are not put together in rules; compare the parts");
            }
        });
    }

    private static String place(OwnRule rule, CelAbstractSyntaxTree tree, long id) {
        Map<Long, Integer> positions = tree.getSource().getPositionsMap();
        return tree.getSource()
                .getOffsetLocation(positions.getOrDefault(id, 0))
                .map(location -> place(rule, location))
                .orElseGet(() -> where(rule) + ": ");
    }

    private static String place(OwnRule rule, CelSourceLocation location) {
        if (location.getLine() < 1) {
            return where(rule) + ": "; // it is wrong as a whole
        }
        return where(rule) + ": expression, line " + location.getLine() + ", column " + (location.getColumn() + 1)
                + ": ";
    }

    static String where(OwnRule rule) {
        return rule.file() + ": line " + rule.line() + ": rule " + rule.id();
    }

    private List<Field> used(CelAbstractSyntaxTree tree) {
        Map<Long, CelReference> references = tree.getReferenceMap();
        Set<String> names = new HashSet<>();
        references.values().forEach(reference -> names.add(reference.name()));
        return fields.stream().filter(field -> names.contains(field.name())).toList();
    }
}
