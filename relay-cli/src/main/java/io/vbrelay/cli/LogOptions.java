package io.vbrelay.cli;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import io.vbrelay.cli.config.Keys;
import io.vbrelay.cli.config.Settings;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** How much is logged, and how. */
final class LogOptions {
    enum Level {
        ERROR,
        WARN,
        INFO,
        DEBUG
    }

    enum LogFormat {
        TEXT,
        JSON
    }

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "error, warn, info or debug (default: ${DEFAULT-VALUE}).")
    private Level level = Level.INFO;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json, one line a message (default: ${DEFAULT-VALUE}).")
    private LogFormat format = LogFormat.TEXT;

    void apply() {
        apply(level.name().toLowerCase(Locale.ROOT), format.name().toLowerCase(Locale.ROOT));
    }

    /** The same of a configuration, as far as it is right. */
    static void apply(Settings settings) {
        apply(
                Objects.requireNonNullElse(settings.get(Keys.LOG_LEVEL), "info"),
                Objects.requireNonNullElse(settings.get(Keys.LOG_FORMAT), "text"));
    }

    /** Of the program that runs. */
    static void changeLevel(String level) {
        ((Logger) LoggerFactory.getLogger("io.vbrelay")).setLevel(ch.qos.logback.classic.Level.toLevel(level));
    }

    private static void apply(String level, String style) {
        String format = Journal.isStandardError(System.getenv()) ? "journal-" + style : style;
        String levelBefore = Objects.requireNonNullElse(System.setProperty("vbrelay.log.level", level), "info");
        String formatBefore = Objects.requireNonNullElse(System.setProperty("vbrelay.log.format", format), "text");
        if (!level.equals(levelBefore) || !format.equals(formatBefore)) {
            readAgain();
        }
    }

    /** Lets logback.xml see its properties; whoever logged first had it read with others. Loggers stay the objects that they are. */
    private static void readAgain() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        try {
            new ContextInitializer(context).autoConfig();
        } catch (JoranException e) {
            throw new IllegalStateException("this program's own logback.xml", e);
        }
    }
}
