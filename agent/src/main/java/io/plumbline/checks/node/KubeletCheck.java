package io.plumbline.checks.node;

import io.plumbline.checks.CheckDescription;
import io.plumbline.checks.Component;
import io.plumbline.checks.NodeWideCheck;
import io.plumbline.model.AttributedProcess;
import io.plumbline.model.DeclaredNode;
import io.plumbline.model.DeclaredNode.KubeletConfiguration;
import io.plumbline.model.Evidence;
import io.plumbline.model.NodeView;
import io.plumbline.model.Reading;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * One setting of the kubelet as it is in force: what {@code /configz} says, else the flag, else the file that {@code --config} names,
 * else the flag's default. Without a kubelet's process here and without {@code /configz} there is nothing to say.
 */
final class KubeletCheck implements NodeWideCheck {

    private final CheckDescription description;
    private final String flag;
    private final String flagsDefault;
    private final Function<KubeletConfiguration, String> setting;
    private final String wanted;

    /**
     * @param flag its name without hyphens
     * @param flagsDefault where neither flag nor file says anything: cmd/kubelet/app/options
     * @param setting the same in the configuration
     * @param wanted the one value that is fine
     */
    KubeletCheck(
            CheckDescription description,
            String flag,
            String flagsDefault,
            Function<KubeletConfiguration, String> setting,
            String wanted) {
        this.description = description;
        this.flag = flag;
        this.flagsDefault = flagsDefault;
        this.setting = setting;
        this.wanted = wanted;
    }

    @Override
    public CheckDescription description() {
        return description;
    }

    @Override
    public List<Judged> judge(NodeView node) {
        NodeVerdict verdict = new NodeVerdict(description, wanted);
        List<AttributedProcess> kubelets = Component.kubelets(node.others());
        Optional<KubeletConfiguration> live =
                node.declared().map(DeclaredNode::kubelet).flatMap(Reading::observed);
        if (live.isPresent()) {
            return List.of(said(
                    verdict,
                    setting.apply(live.get()),
                    kubelets,
                    new Evidence(
                            "/configz", flag + " in the form of the configuration: " + setting.apply(live.get()))));
        }
        if (kubelets.size() != 1) {
            return List.of(); // none here, or several nodes on one machine: whose would it be
        }
        AttributedProcess kubelet = kubelets.get(0);
        Flags flags = new Flags(kubelet.process().commandLine());
        Optional<String> given = flags.value(flag);
        String source = kubelet.process().file("cmdline");
        if (given.isPresent()) {
            return List.of(said(verdict, given.get(), kubelets, new Evidence(source, flags.words(flag, given))));
        }
        if (flags.isCut()) {
            return List.of(verdict.unknown(new Reading.Unreadable<>(source, "longer than what is read of it")));
        }
        Optional<String> file = flags.value("config");
        if (file.isPresent()) {
            Reading<KubeletConfiguration> read = node.configuration().kubeletFile();
            return List.of(read.observed()
                    .map(setting)
                    .map(value -> said(verdict, value, kubelets, new Evidence(file.get(), flag + ": " + value)))
                    .orElseGet(() -> verdict.unknown(read)));
        }
        return List.of(
                said(verdict, flagsDefault, kubelets, new Evidence(source, "no --" + flag + " and no --config")));
    }

    private Judged said(NodeVerdict verdict, String value, List<AttributedProcess> kubelets, Evidence evidence) {
        return value.equals(wanted)
                ? verdict.fine(value)
                : verdict.wrong(value, "the kubelet runs with " + flag + " " + value, kubelets, evidence);
    }
}
