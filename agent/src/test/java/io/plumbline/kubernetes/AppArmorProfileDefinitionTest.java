package io.plumbline.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelRuntimeFactory;
import io.plumbline.kubernetes.ObjectDefinition.Column;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The definition of {@code AppArmorProfile} in the chart, made from the Java type. */
class AppArmorProfileDefinitionTest implements DefinitionContract {
    private static final ObjectDefinition DEFINITION = new ObjectDefinition(
            "AppArmorProfile",
            "apparmorprofiles",
            "aap",
            "AppArmor profiles that nodes are to have in their kernel. How they stand on a node, its NodeReport says.",
            "spec",
            AppArmorProfile.class,
            List.of(
                    Column.of("string", "Mode", ".spec.mode"),
                    Column.of("string", "Nodes", ".spec.nodeSelector"),
                    Column.of("date", "Age", ".metadata.creationTimestamp")));

    @Override
    public ObjectDefinition definition() {
        return DEFINITION;
    }

    @Test
    void itsRuleTakesOneOfRawAndBaneAndNotBoth() throws Exception {
        assertThat(holds(Map.of("raw", "a"))).isTrue();
        assertThat(holds(Map.of("bane", "a", "mode", "complain"))).isTrue();
        assertThat(holds(Map.of("raw", "a", "bane", "b"))).isFalse();
        assertThat(holds(Map.of("mode", "enforce"))).isFalse();
    }

    private static boolean holds(Map<String, String> spec) throws Exception {
        var compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setStandardMacros(CelStandardMacro.HAS)
                .addVar("self", MapType.create(SimpleType.STRING, SimpleType.STRING))
                .build();
        var rule = compiler.compile(
                        AppArmorProfile.class.getAnnotation(Rule.class).expression())
                .getAst();
        return (boolean) CelRuntimeFactory.standardCelRuntimeBuilder()
                .build()
                .createProgram(rule)
                .eval(Map.of("self", spec));
    }
}
