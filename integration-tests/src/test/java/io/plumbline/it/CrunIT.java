package io.plumbline.it;

final class CrunIT extends RealContainers {
    CrunIT() {
        super("crun");
    }
}
