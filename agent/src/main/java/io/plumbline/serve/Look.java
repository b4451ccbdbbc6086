package io.plumbline.serve;

import io.plumbline.model.DeclaredNode;
import io.plumbline.model.Occasion;
import io.plumbline.model.ScanReport;
import java.io.IOException;
import java.util.Optional;

/** Looks at the node. */
@FunctionalInterface
public interface Look {

    /**
     * Reads what there is an occasion to read, and judges.
     *
     * @param declared empty where nobody is asked
     * @return the last report itself where there is nothing new to judge
     * @throws IOException if the node cannot be read at all
     */
    ScanReport at(Optional<DeclaredNode> declared, Occasion occasion) throws IOException;
}
