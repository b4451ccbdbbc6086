package io.plumbline.serve;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.ScanReport;
import java.io.IOException;
import java.util.Optional;

/** Looks at the node once. */
@FunctionalInterface
public interface Look {

    /**
     * Reads and judges.
     *
     * @param declared empty where nobody is asked
     * @throws IOException if the node cannot be read at all
     */
    ScanReport at(Optional<DeclaredNode> declared) throws IOException;
}
