package io.plumbline.checks.rules;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import dev.cel.compiler.CelCompiler;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * The regular expressions of rules. What is wrong with one shows only when it is used, and what its repetitions grow to only when they
 * have; so each stands in the rule, and is tried before.
 */
final class Patterns {

    /** Before RE2 makes it smaller, and counts. */
    private static final long LONGEST = 10L * RuleCompiler.REGEX_PROGRAM;

    private static final String MATCHES = "matches";
    private static final String PARSING = "error parsing regexp: ";

    private final CelRuntime.Program trial;

    /** @param compiler knows the names {@code container.name} and {@code container.image}, which are texts */
    Patterns(CelCompiler compiler, CelRuntime runtime) {
        try {
            trial = runtime.createProgram(
                    compiler.compile("container.name.matches(container.image)").getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Looks at all of a rule.
     *
     * @param problem gets the id of an expression, and what is wrong with it
     */
    void check(CelAbstractSyntaxTree tree, BiConsumer<Long, String> problem) {
        List<CelExpr> calls = CelNavigableAst.fromAst(tree)
                .getRoot()
                .allNodes()
                .map(CelNavigableExpr::expr)
                .filter(expr -> expr.exprKind().getKind() == ExprKind.Kind.CALL)
                .filter(expr -> expr.call().function().equals(MATCHES))
                .toList();
        for (CelExpr call : calls) {
            List<CelExpr> arguments = call.call().args();
            CelExpr pattern = arguments.get(arguments.size() - 1);
            if (pattern.exprKind().getKind() != ExprKind.Kind.CONSTANT) {
                problem.accept(call.id(), "the pattern of matches is a text in quotes");
            } else {
                wrong(pattern.constant().stringValue()).ifPresent(why -> problem.accept(call.id(), why));
            }
        }
    }

    private Optional<String> wrong(String pattern) {
        if (PatternSize.of(pattern) > LONGEST) {
            return Optional.of("the repetitions of the pattern grow to more than " + LONGEST + " steps");
        }
        try {
            trial.eval(Map.of("container.name", "", "container.image", pattern));
            return Optional.empty();
        } catch (CelEvaluationException e) {
            String why = String.valueOf(e.getMessage());
            int at = why.indexOf(PARSING);
            return Optional.of("no pattern of RE2: " + (at < 0 ? why : why.substring(at + PARSING.length())));
        }
    }
}
