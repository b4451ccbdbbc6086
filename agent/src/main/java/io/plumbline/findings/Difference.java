package io.plumbline.findings;

import io.plumbline.model.Finding;
import java.util.ArrayList;
import java.util.List;

/**
 * In what two lists of findings differ. Findings that a look made again of what is as it was are the same objects. Where both lists are worst
 * first the difference is small; else it is whole all the same, but some findings are on both sides of it.
 *
 * @param gone of the earlier list
 * @param come of the later one
 */
record Difference(List<Finding> gone, List<Finding> come) {

    @SuppressWarnings("ReferenceEquality") // which is the question
    static Difference of(List<Finding> before, List<Finding> now) {
        List<Finding> gone = new ArrayList<>();
        List<Finding> come = new ArrayList<>();
        int earlier = 0;
        int later = 0;
        while (earlier < before.size() && later < now.size()) {
            Finding one = before.get(earlier);
            Finding other = now.get(later);
            int order = one == other ? 0 : Findings.WORST_FIRST.compare(one, other);
            if (one != other && order <= 0) {
                gone.add(one);
            }
            if (one != other && order >= 0) {
                come.add(other);
            }
            earlier += order <= 0 ? 1 : 0;
            later += order >= 0 ? 1 : 0;
        }
        gone.addAll(before.subList(earlier, before.size()));
        come.addAll(now.subList(later, now.size()));
        return new Difference(gone, come);
    }
}
