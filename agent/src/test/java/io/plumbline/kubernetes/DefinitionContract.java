package io.plumbline.kubernetes;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What holds for the definition of every kind of object that is made from a Java type. */
interface DefinitionContract {

    ObjectDefinition definition();

    @Test
    default void theChartHasTheDefinitionThatTheTypeMakes() throws IOException {
        definition().isInTheChart(getClass());
    }

    @Test
    default void everyColumnShowsAFieldThatThereIs() {
        definition().hasColumnsOfFieldsThatThereAre();
    }

    @Test
    default void itIsADefinitionByTheApisTypes() throws IOException {
        definition().isOneByTheApisTypes();
    }
}
