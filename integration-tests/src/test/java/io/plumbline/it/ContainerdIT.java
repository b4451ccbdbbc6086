package io.plumbline.it;

final class ContainerdIT extends RealContainers {
    ContainerdIT() {
        super("containerd");
    }
}
