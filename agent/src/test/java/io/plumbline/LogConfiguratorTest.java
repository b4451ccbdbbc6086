package io.plumbline;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator.ExecutionStatus;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.slf4j.LoggerFactory;

@ResourceLock(Resources.SYSTEM_ERR)
@ResourceLock(Resources.SYSTEM_PROPERTIES)
class LogConfiguratorTest {
    private final LoggerContext log = new LoggerContext();
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        log.setMDCAdapter(new LogbackMDCAdapter());
        log.start();
        System.setErr(new PrintStream(written, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setErr(before);
        System.clearProperty("plumbline.log");
        System.clearProperty("logback.configurationFile");
        log.stop();
    }

    @Test
    void aLineOfTextHasTheTimeTheLevelTheLoggerAndNoLineBreakOfTheMessage() {
        configure();
        log.getLogger("io.plumbline.serve.ScanLoop").warn("two\n{}", "lines\r\nand more");
        assertThat(text())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) "
                        + "WARN  io\\.plumbline\\.serve\\.ScanLoop two lines and more\n");
    }

    @Test
    void aLineOfJsonHasWhatWasSaidAndWithWhichValues() {
        System.setProperty("plumbline.log", "json");
        configure();
        log.getLogger("x").atInfo().addKeyValue("finding", "f1").log("opened {}", "f1");
        assertThat(text())
                .matches(
                        "\\{\"timestamp\":\\d+,\"level\":\"INFO\",\"loggerName\":\"x\","
                                + "\"kvpList\": \\[\\{\"finding\":\"f1\"\\}\\],\"formattedMessage\":\"opened f1\",\"throwable\":null\\}\n");
    }

    @Test
    void whatLibrariesSayToTheirAuthorsIsNotSaid() {
        configure();
        assertThat(log.getLogger("io.netty.util").getEffectiveLevel()).isEqualTo(Level.INFO);
        assertThat(log.getLogger("oshi.hardware").isErrorEnabled()).isFalse();
        assertThat(log.getLogger("io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager")
                        .isErrorEnabled())
                .isFalse();
        assertThat(log.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
                        .isWarnEnabled())
                .isFalse();
        assertThat(text()).isEmpty();
    }

    @Test
    void aFileThatSomebodyNamesGoesBeforeIt() {
        System.setProperty("logback.configurationFile", "/somewhere/logback.xml");
        assertThat(new LogConfigurator().configure(log)).isEqualTo(ExecutionStatus.INVOKE_NEXT_IF_ANY);
    }

    @Test
    void logbackFindsIt() {
        LoggerContext found = (LoggerContext) LoggerFactory.getILoggerFactory();
        assertThat(found.getLogger("ROOT").getAppender("stderr")).isNotNull();
        assertThat(found.getLogger("oshi").getLevel()).isEqualTo(Level.OFF);
    }

    private void configure() {
        assertThat(new LogConfigurator().configure(log)).isEqualTo(ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY);
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }
}
