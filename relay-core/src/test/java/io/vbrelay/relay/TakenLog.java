package io.vbrelay.relay;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import org.slf4j.LoggerFactory;

/** What a class or package logs from INFO on, by whatever thread: kept from the console, but not from the file with all that is logged. */
public final class TakenLog implements AutoCloseable {
    private final Logger logger;
    private final Seen<ILoggingEvent> events = new Seen<>();
    private final Appender<ILoggingEvent> taking = new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
            events.add(event);
        }
    };

    public TakenLog(Class<?> type) {
        this(type.getName());
    }

    /** @param name of a class or package */
    public TakenLog(String name) {
        logger = (Logger) LoggerFactory.getLogger(name);
        taking.start();
        logger.addAppender(taking);
        logger.addAppender(all());
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    private static Appender<ILoggingEvent> all() {
        return ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).getAppender("all");
    }

    public Seen<ILoggingEvent> events() {
        return events;
    }

    public List<String> lines() {
        return events.all().stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    public List<String> at(Level level) {
        return events.all().stream()
                .filter(event -> event.getLevel() == level)
                .map(ILoggingEvent::getFormattedMessage)
                .toList();
    }

    @Override
    public void close() {
        logger.setLevel(null);
        logger.setAdditive(true);
        logger.detachAppender(taking);
        logger.detachAppender(all());
    }
}
