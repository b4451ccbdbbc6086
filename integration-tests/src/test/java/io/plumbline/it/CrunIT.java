package io.plumbline.it;

import java.util.List;

final class CrunIT extends RealContainers {
    CrunIT() {
        super("crun");
    }

    @Override
    List<Expected> startMoreDrift(Node node) {
        return List.of(capabilityByExec(node));
    }
}
