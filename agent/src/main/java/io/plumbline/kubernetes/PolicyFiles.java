package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.Mapping;
import io.plumbline.kubernetes.ManifestValue.Scalar;
import io.plumbline.kubernetes.ManifestValue.ScalarType;
import io.plumbline.model.PodSecurityPolicy;
import io.plumbline.model.PolicyBinding;
import io.plumbline.model.PolicySet;
import io.plumbline.model.PolicySet.OwnRule;
import io.plumbline.model.PolicySet.PodPolicy;
import io.plumbline.model.Severity;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads policy files: PodSecurityPolicies as they were, and three kinds of {@code plumbline.io/v1}: PodPolicy (a level of the
 * Pod Security Standards with more checks), PolicyBinding (for whom policies hold) and PolicyRules (own rules in CEL).
 */
public final class PolicyFiles {

    private static final Set<String> GROUPS = Set.of("policy/v1beta1", "extensions/v1beta1");
    private static final String OWN = "plumbline.io/v1";
    private static final Pattern RULE_ID = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");

    private final List<PodSecurityPolicy> policies = new ArrayList<>();
    private final List<PodPolicy> standards = new ArrayList<>();
    private final List<PolicyBinding> bindings = new ArrayList<>();
    private final List<OwnRule> rules = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    private PolicyFiles() {}

    /**
     * What all of the files say together.
     *
     * @throws ManifestException if anything is wrong with any of them; its message names all that is, each with file, line and column
     */
    public static PolicySet read(List<Path> files) throws ManifestException {
        PolicyFiles reader = new PolicyFiles();
        List<String> wrong = new ArrayList<>();
        for (Path file : files) {
            reader.problems.clear();
            reader.file(file);
            reader.problems.forEach(problem -> wrong.add(file + ": " + problem));
        }
        reader.unknownNames().forEach(wrong::add);
        if (!wrong.isEmpty()) {
            throw new ManifestException(wrong);
        }
        return new PolicySet(reader.policies, reader.standards, reader.bindings, reader.rules);
    }

    private List<String> unknownNames() {
        return bindings.stream()
                .flatMap(binding -> binding.policies().stream())
                .filter(name -> !names.contains(name))
                .map(name -> "PolicyBinding: no policy is called " + Excerpt.of(name))
                .toList();
    }

    private void file(Path file) {
        int before = size();
        try (InputStream in = Files.newInputStream(file)) {
            Documents documents = ManifestReader.documents(JsonCursor.factory(), ManifestText.read(in));
            for (Optional<ManifestValue> next = documents.next(); next.isPresent(); next = documents.next()) {
                ManifestValue document = next.get();
                if (document instanceof Mapping object) {
                    object(object, file.toString());
                } else if (!(document instanceof Scalar nothing && nothing.type() == ScalarType.NULL)) {
                    problems.add("line " + document.line() + ": expected a policy, found " + document.words());
                }
            }
            if (problems.isEmpty() && before == size()) {
                problems.add("no policy in it");
            }
        } catch (ManifestException e) {
            problems.addAll(e.problems());
        } catch (NoSuchFileException e) {
            problems.add("no such file");
        } catch (AccessDeniedException e) {
            problems.add("permission denied (EACCES); make it readable for this user");
        } catch (IOException e) {
            problems.add("reading failed: " + e.getMessage());
        }
    }

    private int size() {
        return policies.size() + standards.size() + bindings.size() + rules.size();
    }

    private void object(Mapping object, String file) {
        PolicyFields fields = new PolicyFields(object, "", problems);
        String kind = fields.text("kind").orElse("");
        String version = fields.text("apiVersion").orElse("");
        if (kind.equals("List") || kind.equals("PodSecurityPolicyList")) {
            for (ManifestValue item : fields.list("items")) {
                if (item instanceof Mapping one) {
                    object(one, file);
                }
            }
            return;
        }
        Optional<PolicyFields> metadata = fields.object("metadata");
        String name = metadata.flatMap(meta -> meta.text("name")).orElse("unnamed");
        Map<String, String> annotations =
                metadata.map(meta -> meta.map("annotations")).orElse(Map.of());
        Optional<PolicyFields> spec = fields.object("spec");
        boolean known = switch (kind) {
            case "PodSecurityPolicy" -> GROUPS.contains(version);
            case "PodPolicy", "PolicyBinding", "PolicyRules" -> version.equals(OWN);
            default -> false;
        };
        if (!known) {
            fields.problem(
                    object,
                    "no policy: kind " + Excerpt.of(kind) + " of " + Excerpt.of(version)
                            + "; expected PodSecurityPolicy of policy/v1beta1 or extensions/v1beta1, or PodPolicy,"
                            + " PolicyBinding or PolicyRules of " + OWN);
            return;
        }
        if (spec.isEmpty()) {
            fields.problem(object, "spec is missing");
            return;
        }
        switch (kind) {
            case "PodSecurityPolicy" -> {
                unique(name, fields);
                policies.add(PodSecurityPolicyReader.read(name, annotations, spec.get()));
            }
            case "PodPolicy" -> {
                unique(name, fields);
                standard(name, spec.get());
            }
            case "PolicyBinding" -> binding(spec.get());
            default -> rules(spec.get(), file);
        }
    }

    private void unique(String name, PolicyFields fields) {
        if (!names.add(name)) {
            fields.problem(fields.mapping(), "a second policy is called " + Excerpt.of(name));
        }
    }

    private void standard(String name, PolicyFields spec) {
        standards.add(new PodPolicy(
                name,
                spec.text("level").orElse("privileged"),
                spec.text("version").orElse("latest"),
                spec.texts("checks"),
                spec.texts("allowedImages")));
        spec.end();
    }

    private void binding(PolicyFields spec) {
        Map<String, String> labels = spec.object("namespaceSelector")
                .map(selector -> {
                    Map<String, String> wanted = selector.map("matchLabels");
                    selector.end();
                    return wanted;
                })
                .orElse(Map.of());
        bindings.add(new PolicyBinding(
                spec.texts("policies"), spec.texts("namespaces"), labels, spec.texts("serviceAccounts")));
        spec.end();
    }

    private void rules(PolicyFields spec, String file) {
        for (PolicyFields one : spec.objects("rules")) {
            String id = one.text("id").orElse("");
            if (!RULE_ID.matcher(id).matches()) {
                one.problem(
                        one.mapping(), "id " + Excerpt.of(id) + " is no name; use small letters, digits and hyphens");
            }
            String word = one.text("severity").orElse("medium");
            Optional<Severity> severity = Severity.ofWord(word);
            if (severity.isEmpty()) {
                one.problem(
                        one.mapping(),
                        "severity " + Excerpt.of(word) + " is unknown; use critical, high, medium, low or info");
            }
            Optional<Scalar> expression = one.scalar("expression");
            if (expression.isEmpty()) {
                one.problem(one.mapping(), "expression is missing");
            }
            rules.add(new OwnRule(
                    id,
                    severity.orElse(Severity.MEDIUM),
                    one.text("message").orElse("the rule does not hold"),
                    one.text("remedy").orElse("Put the container right, or the rule."),
                    expression.map(Scalar::text).orElse("true"),
                    file,
                    expression.map(Scalar::line).orElse(1)));
            one.end();
        }
        spec.end();
    }
}
