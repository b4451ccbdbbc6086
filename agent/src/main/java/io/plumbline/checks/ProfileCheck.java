package io.plumbline.checks;

import io.plumbline.model.NodeView;
import io.plumbline.model.Verdict;
import java.util.List;

/** A check about AppArmor profiles; no container is out of true. */
public non-sealed interface ProfileCheck extends Check {

    /** One verdict for each profile that is not as it should be. */
    List<JudgedProfile> judge(NodeView node);

    /**
     * What is said of a profile.
     *
     * @param profile its name, or its file where a rejected one does not tell
     */
    record JudgedProfile(String profile, Verdict verdict) {}
}
