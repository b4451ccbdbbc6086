package io.plumbline.model;

/**
 * A process and to whom it belongs.
 *
 * @param viaExec it came into its container by exec (kubectl exec, a probe), not as a child of the container's first process
 * @param settled what its values say holds: it does not run the runtime's own program any more and is not brand new
 */
public record AttributedProcess(ProcessSnapshot process, Attribution attribution, boolean viaExec, boolean settled) {

    /** As {@link ProcessSnapshot#hashCode()}. */
    @Override
    public int hashCode() {
        return process.hashCode();
    }
}
