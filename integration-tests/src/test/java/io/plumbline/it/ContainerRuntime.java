package io.plumbline.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;

/** What starts the containers of a {@link Node}. Container ids are 64 hexadecimal digits. */
interface ContainerRuntime extends AutoCloseable {
    /** An annotation that says of a container, by what {@link #unpack} gave, that it has another image than the test containers. */
    String IMAGE = "io.plumbline.it.image";

    /** Makes another image ready for containers; what it is known by from then on. */
    String unpack(AgentImage image);

    /** The container's root file system: an overlay over the image, mounted. Its files belong to root in the container. */
    Path rootfs(String id, ObjectNode config);

    /** Starts a container with this OCI configuration, its bundle where containerd has it. */
    void start(String id, ObjectNode config);

    /** The container's first process, as the host numbers it. */
    long pid(String id);

    /** Starts one more process in the container, as {@code kubectl exec} does, and does not wait for it. */
    void exec(String id, int uid, List<String> arguments);

    /** Ends the container and takes away everything of it but the bundle's directory. */
    void remove(String id);

    /** Ends what the runtime needs to run itself. The containers are gone before. */
    @Override
    void close();
}
