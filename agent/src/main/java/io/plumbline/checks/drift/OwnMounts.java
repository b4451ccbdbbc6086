package io.plumbline.checks.drift;

import io.plumbline.model.ContainerView;
import io.plumbline.model.Mount;
import io.plumbline.model.NamespaceType;
import java.util.Arrays;
import java.util.regex.Pattern;

/** What kubelet and runtime keep for one pod or container and nobody else: its id is in the path. */
final class OwnMounts {

    private static final Pattern DOCKER_VOLUME = Pattern.compile("/volumes/[0-9a-f]{64}/_data$");

    private final ContainerView container;
    private final ToldMounts told;

    OwnMounts(ContainerView container, ToldMounts told) {
        this.container = container;
        this.told = told;
    }

    /** Is this path of the host the pod's or the container's own? */
    boolean has(String at, String origin) {
        return isThisPodsOwn(origin) || isThisContainersOwn(origin) || isDockersOwn(at, origin);
    }

    /** The kubelet's directory of this pod: volumes, sub-paths, the hosts file, termination logs. Its name is the pod's UID. */
    private boolean isThisPodsOwn(String origin) {
        return origin.contains("/pods/")
                && container
                        .pod()
                        .filter(pod -> pod.cgroupUids().stream().anyMatch(uid -> origin.contains("/pods/" + uid + "/")))
                        .isPresent();
    }

    /**
     * What the runtime keeps for this container, its id in the path: the directories that its image declares to be volumes ({@code VOLUME},
     * containerd and CRI-O), and the {@code /etc/passwd} and {@code /etc/group} that CRI-O writes for a user whom the image does not know.
     */
    private boolean isThisContainersOwn(String origin) {
        String id = container.identity().containerId();
        return !id.isEmpty()
                && (origin.contains("/containers/" + id + "/volumes/")
                        || origin.contains("-containers/" + id + "/userdata/"));
    }

    /** A name for a namespace that the container is in ({@code ip netns attach}). */
    boolean isItsNamespace(Mount mount) {
        return mount.fileSystemType().equals("nsfs")
                && container
                        .first()
                        .filter(first -> Arrays.stream(NamespaceType.values())
                                .anyMatch(type -> first.process()
                                        .namespaces()
                                        .inode(type)
                                        .observed()
                                        .filter(inode -> mount.root().equals(type.link() + ":[" + inode + "]"))
                                        .isPresent()))
                        .isPresent();
    }

    /** Docker keeps an image's volume under a name of its own making, in which no container's id is: only the bundle tells whose it is. */
    private boolean isDockersOwn(String at, String origin) {
        return container.identity().runtime().equals("docker")
                && DOCKER_VOLUME.matcher(origin).find()
                && told.isOf(at, source -> source.endsWith(origin));
    }
}
