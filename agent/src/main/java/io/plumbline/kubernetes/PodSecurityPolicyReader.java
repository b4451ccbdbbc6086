package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredPod.SeLinuxOptions;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PodSecurityPolicy.AllowedHostPath;
import io.plumbline.model.PodSecurityPolicy.IdRule;
import io.plumbline.model.PodSecurityPolicy.Range;
import io.plumbline.model.PodSecurityPolicy.Rule;
import io.plumbline.model.PodSecurityPolicy.RuntimeClasses;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads a PodSecurityPolicy as the API's last version had it; {@code policy/v1beta1/types.go}. */
final class PodSecurityPolicyReader {

    private static final long LAST_PORT = 65535;

    private PodSecurityPolicyReader() {}

    static PodSecurityPolicy read(String name, Map<String, String> annotations, PolicyFields spec) {
        Optional<PolicyFields> seLinux = spec.object("seLinux");
        Set<Rule> users = Set.of(Rule.RUN_AS_ANY, Rule.MUST_RUN_AS, Rule.MUST_RUN_AS_NON_ROOT);
        Set<Rule> groups = Set.of(Rule.RUN_AS_ANY, Rule.MUST_RUN_AS, Rule.MAY_RUN_AS);
        PodSecurityPolicy policy = new PodSecurityPolicy(
                name,
                spec.flag("privileged").orElse(false),
                spec.texts("defaultAddCapabilities"),
                spec.texts("requiredDropCapabilities"),
                spec.texts("allowedCapabilities"),
                Set.copyOf(spec.texts("volumes")),
                spec.flag("hostNetwork").orElse(false),
                ranges(spec, "hostPorts", LAST_PORT),
                spec.flag("hostPID").orElse(false),
                spec.flag("hostIPC").orElse(false),
                seLinux.flatMap(PodSecurityPolicyReader::seLinux),
                ids(spec, "runAsUser", users),
                ids(spec, "runAsGroup", groups),
                ids(spec, "supplementalGroups", groups),
                ids(spec, "fsGroup", groups),
                spec.flag("readOnlyRootFilesystem").orElse(false),
                spec.flag("defaultAllowPrivilegeEscalation"),
                spec.flag("allowPrivilegeEscalation").orElse(true),
                hostPaths(spec),
                drivers(spec, "allowedFlexVolumes", "driver"),
                drivers(spec, "allowedCSIDrivers", "name"),
                spec.texts("allowedUnsafeSysctls"),
                spec.texts("forbiddenSysctls"),
                spec.texts("allowedProcMountTypes"),
                spec.object("runtimeClass").map(PodSecurityPolicyReader::runtimeClasses),
                annotations);
        spec.end();
        return policy;
    }

    private static Optional<SeLinuxOptions> seLinux(PolicyFields fields) {
        Rule rule = rule(fields, Set.of(Rule.RUN_AS_ANY, Rule.MUST_RUN_AS));
        Optional<SeLinuxOptions> options = fields.object("seLinuxOptions").map(own -> {
            SeLinuxOptions read =
                    new SeLinuxOptions(own.text("user"), own.text("role"), own.text("type"), own.text("level"));
            own.end();
            return read;
        });
        fields.end();
        if (rule == Rule.MUST_RUN_AS && options.isEmpty()) {
            fields.problem(fields.mapping(), "seLinux: MustRunAs without seLinuxOptions");
        }
        return rule == Rule.MUST_RUN_AS ? options : Optional.empty();
    }

    private static IdRule ids(PolicyFields spec, String name, Set<Rule> possible) {
        Optional<PolicyFields> fields = spec.object(name);
        if (fields.isEmpty()) {
            return IdRule.ANY;
        }
        Rule rule = rule(fields.get(), possible);
        List<Range> ranges = ranges(fields.get(), "ranges", Long.MAX_VALUE);
        if ((rule == Rule.MUST_RUN_AS || rule == Rule.MAY_RUN_AS) && ranges.isEmpty()) {
            fields.get().problem(fields.get().mapping(), name + ": " + rule.word() + " without ranges");
        }
        fields.get().end();
        return new IdRule(rule, ranges);
    }

    private static Rule rule(PolicyFields fields, Set<Rule> possible) {
        String word = fields.text("rule").orElse("");
        for (Rule rule : possible) {
            if (rule.word().equals(word)) {
                return rule;
            }
        }
        fields.problem(
                fields.mapping(),
                "rule " + Excerpt.of(word) + " is unknown here; use "
                        + possible.stream().map(Rule::word).sorted().collect(Collectors.joining(", ")));
        return Rule.RUN_AS_ANY;
    }

    private static List<Range> ranges(PolicyFields fields, String name, long last) {
        List<Range> ranges = new ArrayList<>();
        for (PolicyFields one : fields.objects(name)) {
            Optional<Long> min = one.number("min");
            Optional<Long> max = one.number("max");
            one.end();
            if (min.isPresent() && max.isPresent() && min.get() >= 0 && min.get() <= max.get() && max.get() <= last) {
                ranges.add(new Range(min.get(), max.get()));
            } else {
                one.problem(one.mapping(), name + ": a range has a min from 0 on and a max that is not smaller");
            }
        }
        return ranges;
    }

    private static List<AllowedHostPath> hostPaths(PolicyFields spec) {
        List<AllowedHostPath> paths = new ArrayList<>();
        for (PolicyFields one : spec.objects("allowedHostPaths")) {
            paths.add(new AllowedHostPath(
                    one.text("pathPrefix").orElse(""), one.flag("readOnly").orElse(false)));
            one.end();
        }
        return paths;
    }

    private static List<String> drivers(PolicyFields spec, String list, String name) {
        List<String> drivers = new ArrayList<>();
        for (PolicyFields one : spec.objects(list)) {
            one.text(name).ifPresent(drivers::add);
            one.end();
        }
        return drivers;
    }

    private static RuntimeClasses runtimeClasses(PolicyFields fields) {
        RuntimeClasses classes =
                new RuntimeClasses(fields.texts("allowedRuntimeClassNames"), fields.text("defaultRuntimeClassName"));
        fields.end();
        return classes;
    }
}
