package io.plumbline.http;

import io.plumbline.model.Caller;
import java.io.IOException;
import java.util.Optional;

/**
 * Who may see what, as the cluster says. Each question may wait for the cluster, so none is asked on an event loop; several threads ask.
 */
public interface Access {

    /**
     * Whose token it is; empty where the cluster knows nobody by it.
     *
     * @throws IOException if nobody can say just now
     */
    Optional<Caller> whose(String token) throws IOException;

    /**
     * May the caller get this path, which is no object of the API ({@code nonResourceURLs} of a rule)?
     *
     * @throws IOException if nobody can say just now
     */
    boolean mayGet(Caller caller, String path) throws IOException;

    /**
     * May the caller get every pod of this namespace?
     *
     * @throws IOException if nobody can say just now
     */
    boolean mayGetPods(Caller caller, String namespace) throws IOException;
}
