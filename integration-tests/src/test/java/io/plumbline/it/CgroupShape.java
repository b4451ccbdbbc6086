package io.plumbline.it;

/** How a node's kubelet and runtime name the cgroup of a container. */
interface CgroupShape {
    /** The kubelet's cgroupfs driver. */
    CgroupShape CGROUPFS = (qos, uid, id) -> "/kubepods" + (qos.isEmpty() ? "" : "/" + qos) + "/pod" + uid + "/" + id;

    /** The kubelet's systemd driver, with containerd. */
    CgroupShape SYSTEMD = (qos, uid, id) -> slices(qos, uid) + "/cri-containerd-" + id + ".scope";

    /** The kubelet's systemd driver, with CRI-O and runc. */
    CgroupShape CRIO = (qos, uid, id) -> slices(qos, uid) + "/crio-" + id + ".scope";

    /** The same with crun, which puts the processes one level deeper. */
    CgroupShape CRIO_CRUN = (qos, uid, id) -> CRIO.path(qos, uid, id) + "/container";

    /** The kubelet's systemd driver, with a containerd that was not told of it: systemd's notation, taken literally. */
    CgroupShape COLONS =
            (qos, uid, id) -> "/system.slice/containerd.service/" + slice(qos, uid) + ":cri-containerd:" + id;

    /** A node that is itself a container (kind): the outer container's id stands before the kubelet's root. */
    CgroupShape KIND = (qos, uid, id) -> "/docker/" + "0123456789abcdef".repeat(4) + CGROUPFS.path(qos, uid, id);

    /** kind's newer form: the kubelet has a cgroup root of its own. */
    CgroupShape KIND_SYSTEMD = (qos, uid, id) -> {
        String prefix = qos.isEmpty() ? "kubelet-kubepods" : "kubelet-kubepods-" + qos;
        return "/docker/" + "0123456789abcdef".repeat(4) + "/kubelet.slice/kubelet-kubepods.slice/"
                + (qos.isEmpty() ? "" : prefix + ".slice/")
                + prefix + "-pod" + uid.replace('-', '_') + ".slice/cri-containerd-" + id + ".scope";
    };

    /**
     * The path of a container.
     *
     * @param qos {@code burstable}, {@code besteffort}, or nothing for guaranteed
     * @param uid the pod's UID; of a static pod the hash of its manifest
     * @param id the container's 64 hexadecimal digits
     */
    String path(String qos, String uid, String id);

    private static String slices(String qos, String uid) {
        return "/kubepods.slice" + (qos.isEmpty() ? "" : "/kubepods-" + qos + ".slice") + "/" + slice(qos, uid);
    }

    private static String slice(String qos, String uid) {
        return "kubepods-" + (qos.isEmpty() ? "" : qos + "-") + "pod" + uid.replace('-', '_') + ".slice";
    }
}
