package io.vbrelay.relay;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.filter.ThresholdFilter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * Takes the log while cameras misbehave, whose every reconnect would be printed otherwise, and says what was in it that must
 * not be: errors, and warnings of Netty, which logs exceptions that no handler took.
 */
final class Complaints implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final List<Appender<ILoggingEvent>> usual = new ArrayList<>();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    Complaints() {
        root.iteratorForAppenders().forEachRemaining(usual::add);
        ThresholdFilter warnings = new ThresholdFilter();
        warnings.setLevel("WARN");
        warnings.start();
        log.addFilter(warnings);
        log.list = new CopyOnWriteArrayList<>(); // Whatever thread logs.
        log.start();
        root.addAppender(log);
        usual.forEach(root::detachAppender);
    }

    /** To be asked when everything that logs has been closed. */
    List<ILoggingEvent> all() {
        return log.list.stream()
                .filter(event ->
                        event.getLevel() == Level.ERROR || event.getLoggerName().startsWith("io.netty"))
                .toList();
    }

    @Override
    public void close() {
        usual.forEach(root::addAppender);
        root.detachAppender(log);
    }
}
