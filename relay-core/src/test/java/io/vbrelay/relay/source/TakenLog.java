package io.vbrelay.relay.source;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What this package logs, kept from the console, but not from the file with all that is logged. */
final class TakenLog implements AutoCloseable {
    private final Logger logger = (Logger) LoggerFactory.getLogger(TakenLog.class.getPackageName());
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    TakenLog() {
        log.start();
        logger.addAppender(log);
        logger.addAppender(all());
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    private static Appender<ILoggingEvent> all() {
        return ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).getAppender("all");
    }

    List<String> at(Level level) {
        return List.copyOf(log.list).stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.setLevel(null);
        logger.setAdditive(true);
        logger.detachAppender(log);
        logger.detachAppender(all());
    }
}
