package io.plumbline;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.status.NopStatusListener;

/**
 * What is logged and how, told to logback without a file: to read one takes a twelfth of the CPU until a server answers. Logback finds this
 * class by {@code META-INF/services}; without it, it prints DEBUG of Netty and fabric8.
 */
public final class LogConfigurator extends ContextAwareBase implements Configurator {

    private static final String TEXT =
            "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\"} %-5level %logger{30} %replace(%msg){'[\\r\\n]+', ' '}%n";

    @Override
    public ExecutionStatus configure(LoggerContext log) {
        // Somebody looks for more than this says.
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        log.getStatusManager().add(new NopStatusListener());
        // It warns of every object whose version is not v1, and of nothing else.
        log.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils")
                .setLevel(Level.ERROR);
        // What it says of a watch that failed, the agent says itself, once.
        log.getLogger("io.fabric8.kubernetes.client.dsl.internal.AbstractWatchManager")
                .setLevel(Level.OFF);
        // What it does not find (in the image there is no udev) it gives no value for.
        log.getLogger("oshi").setLevel(Level.OFF);
        Logger root = log.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.INFO);
        // An agent whose standard error nobody watches sets plumbline.log to json before the first line.
        root.addAppender(standardError(log, "json".equals(System.getProperty("plumbline.log")) ? json() : text()));
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    /** Standard output belongs to the report. */
    private static ConsoleAppender<ILoggingEvent> standardError(LoggerContext log, Encoder<ILoggingEvent> encoder) {
        encoder.setContext(log);
        encoder.start();
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(log);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static Encoder<ILoggingEvent> text() {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setPattern(TEXT);
        return encoder;
    }

    private static Encoder<ILoggingEvent> json() {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithThreadName(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        return encoder;
    }
}
