package io.plumbline.it;

import java.util.List;

/** Pods that run exactly as they are declared, so that nothing may be found in them. */
final class Settings {
    private Settings() {}

    /** A pod and what it stands for. */
    record Setting(String title, Pod pod) {}

    /** The settings that the product was asked for first. */
    static List<Setting> named() {
        return List.of(
                new Setting("host pid and ipc namespaces", Pod.of("""
                        metadata: {name: pod-with-host-pid-and-ipc}
                        spec:
                          hostPID: true
                          hostIPC: true
                          containers: [{name: main}]
                        """)),
                new Setting("host network", Pod.of("""
                        metadata: {name: pod-with-host-network}
                        spec:
                          hostNetwork: true
                          containers: [{name: main}]
                        """).in(CgroupShape.SYSTEMD)),
                new Setting(
                        "trap 1: user 405 has no effective capability and a full bounding set",
                        Pod.withContainer("pod-as-user-guest", "{runAsUser: 405}")),
                new Setting("non-root by the image's user", Pod.of("""
                        metadata: {name: pod-run-as-non-root}
                        spec:
                          containers: [{name: main, image: plumbline.test/workload:app, securityContext: {runAsNonRoot: true}}]
                        """).in(CgroupShape.SYSTEMD)),
                new Setting("privileged", Pod.withContainer("pod-privileged", "{privileged: true}")),
                new Setting(
                        "SYS_TIME added",
                        Pod.withContainer("pod-add-settime-capability", "{capabilities: {add: [SYS_TIME]}}")
                                .in(CgroupShape.SYSTEMD)),
                new Setting(
                        "CHOWN dropped",
                        Pod.withContainer("pod-drop-chown-capability", "{capabilities: {drop: [CHOWN]}}")),
                new Setting(
                        "trap 16: read-only root with a writable volume",
                        Pod.of("""
                        metadata: {name: pod-with-readonly-filesystem}
                        spec:
                          containers:
                          - name: main
                            securityContext: {readOnlyRootFilesystem: true}
                            volumeMounts: [{name: my-volume, mountPath: /volume, readOnly: false}]
                          volumes: [{name: my-volume, emptyDir: }]
                        """).in(CgroupShape.SYSTEMD)),
                new Setting("fsGroup and supplementalGroups with two users", Pod.of("""
                        metadata: {name: pod-with-shared-volume-fsgroup}
                        spec:
                          securityContext: {fsGroup: 555, supplementalGroups: [666, 777]}
                          containers:
                          - name: first
                            securityContext: {runAsUser: 1111}
                            volumeMounts: [{name: shared-volume, mountPath: /volume}]
                          - name: second
                            securityContext: {runAsUser: 2222}
                            volumeMounts: [{name: shared-volume, mountPath: /volume}]
                          volumes: [{name: shared-volume, emptyDir: }]
                        """)));
    }

    /** What ordinary clusters have beside. */
    static List<Setting> ordinary() {
        return List.of(
                new Setting("everything restricted", Pod.of("""
                        metadata: {name: hardened, namespace: shop}
                        spec:
                          automountServiceAccountToken: false
                          securityContext: {runAsNonRoot: true, runAsUser: 10001, runAsGroup: 10001, seccompProfile: {type: RuntimeDefault}}
                          containers:
                          - name: main
                            securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
                        """).in(CgroupShape.SYSTEMD)),
                new Setting("trap 7: a shared pid namespace", Pod.of("""
                        metadata: {name: shared-pid, namespace: shop}
                        spec:
                          shareProcessNamespace: true
                          containers:
                          - {name: app}
                          - {name: debug, securityContext: {capabilities: {add: [SYS_PTRACE]}}}
                        """)),
                new Setting(
                        "trap 8: a sidecar with more rights, an init container that is done",
                        Pod.of("""
                        metadata: {name: sidecar, namespace: shop}
                        spec:
                          initContainers:
                          - {name: setup, command: ["/bin/true"]}
                          - {name: proxy, restartPolicy: Always, securityContext: {capabilities: {add: [NET_ADMIN]}}}
                          containers:
                          - {name: app}
                        """).in(CgroupShape.SYSTEMD)),
                new Setting("an ephemeral container with rights of its own", Pod.of("""
                        metadata: {name: debugged, namespace: shop}
                        spec:
                          containers: [{name: app, securityContext: {runAsUser: 1000}}]
                          ephemeralContainers: [{name: debugger, securityContext: {capabilities: {add: [SYS_PTRACE]}}}]
                        """)),
                new Setting(
                        "all dropped, one added",
                        Pod.withContainer(
                                "drop-all-add-one", "{capabilities: {drop: [ALL], add: [NET_BIND_SERVICE]}}")),
                new Setting(
                        "all added, one dropped",
                        Pod.withContainer("add-all-drop-one", "{capabilities: {add: [all], drop: [CAP_SYS_ADMIN]}}")),
                new Setting("directories of the host, declared", Pod.of("""
                        metadata: {name: hostpath-reader, namespace: shop}
                        spec:
                          volumes: [{name: logs, hostPath: {path: /var/log}}, {name: sock, hostPath: {path: /run}}]
                          containers:
                          - name: reader
                            volumeMounts:
                            - {name: logs, mountPath: /host/log, readOnly: true}
                            - {name: sock, mountPath: /host/run}
                        """)),
                new Setting("quality of service: burstable", Pod.of("""
                        metadata: {name: burstable, namespace: shop}
                        spec:
                          containers: [{name: main, resources: {requests: {cpu: 10m, memory: 8Mi}, limits: {memory: 64Mi}}}]
                        """).in(CgroupShape.SYSTEMD)),
                new Setting("quality of service: guaranteed", Pod.of("""
                        metadata: {name: guaranteed, namespace: shop}
                        spec:
                          containers:
                          - {name: main, resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {cpu: 10m, memory: 16Mi}}}
                        """)),
                new Setting("trap 10: root starts, a worker drops to another user", Pod.of("""
                        metadata: {name: worker-tree, namespace: shop}
                        spec:
                          containers: [{name: main, command: [/bin/sh, -c, "su -s /bin/sh app -c 'sleep %s' & sleep %s; true"]}]
                        """.formatted(
                                Marker.next(), Marker.next()))),
                new Setting(
                        "no confinement, declared",
                        Pod.withContainer(
                                "unconfined", "{seccompProfile: {type: Unconfined}, allowPrivilegeEscalation: true}")));
    }

    /** Volumes of every kind, as the kernel shows them. */
    static List<Setting> volumes() {
        return List.of(
                new Setting("trap 17: volumes of every kind", Pod.of("""
                        metadata: {name: volumes, namespace: shop}
                        spec:
                          securityContext: {fsGroup: 2000}
                          volumes:
                          - {name: settings, configMap: {name: settings}}
                          - {name: password, secret: {secretName: password}}
                          - {name: labels, downwardAPI: {items: []}}
                          - {name: scratch, emptyDir: {}}
                          - {name: fast, emptyDir: {medium: Memory}}
                          - {name: claim, persistentVolumeClaim: {claimName: data}}
                          containers:
                          - name: main
                            volumeMounts:
                            - {name: settings, mountPath: /etc/settings}
                            - {name: password, mountPath: /etc/password, readOnly: true}
                            - {name: labels, mountPath: /etc/labels}
                            - {name: scratch, mountPath: /var/scratch}
                            - {name: scratch, mountPath: /var/part, subPath: part}
                            - {name: fast, mountPath: /var/fast}
                            - {name: claim, mountPath: /var/data}
                        """)),
                new Setting("a program that lies on a volume", Pod.of("""
                        metadata: {name: program-on-volume, namespace: shop}
                        spec:
                          volumes: [{name: programs, emptyDir: {}}]
                          containers:
                          - name: main
                            command: [/bin/sh, -c, "cp /bin/busybox /programs/sleep && exec /programs/sleep %s"]
                            volumeMounts: [{name: programs, mountPath: /programs}]
                        """.formatted(Marker.next()))));
    }

    /** One pod for each way to name a container's cgroup. */
    static List<Setting> cgroups() {
        return List.of(
                new Setting("layout crio-<id>.scope", plain("crio").in(CgroupShape.CRIO)),
                new Setting(
                        "layout crio-<id>.scope/container", plain("crio-crun").in(CgroupShape.CRIO_CRUN)),
                new Setting("layout slice:cri-containerd:<id>", plain("colons").in(CgroupShape.COLONS)),
                new Setting(
                        "layout /docker/<outer id>/kubepods/...", plain("kind").in(CgroupShape.KIND)),
                new Setting(
                        "layout kubelet-kubepods.slice", plain("kind-systemd").in(CgroupShape.KIND_SYSTEMD)),
                new Setting(
                        "trap 9: a static pod, by the hash of its file",
                        plain("static-web").fromManifestFile()),
                new Setting(
                        "trap 9: a static pod that the API server mirrors",
                        plain("static-mirrored").in(CgroupShape.SYSTEMD).mirrored()));
    }

    private static Pod plain(String name) {
        return Pod.withContainer(name, "{}");
    }
}
