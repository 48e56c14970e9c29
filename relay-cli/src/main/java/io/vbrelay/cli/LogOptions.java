package io.vbrelay.cli;

import ch.qos.logback.classic.Logger;
import io.vbrelay.cli.config.Keys;
import io.vbrelay.cli.config.Settings;
import java.util.Locale;
import java.util.Objects;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** How much is logged, and how; to be applied before the first logger is made. */
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

    /** For loggers that are there. */
    static void changeLevel(String level) {
        ((Logger) LoggerFactory.getLogger("io.vbrelay")).setLevel(ch.qos.logback.classic.Level.toLevel(level));
    }

    /** conf/logback.xml reads these properties. */
    private static void apply(String level, String format) {
        System.setProperty("vbrelay.log.level", level);
        boolean isJournal = Journal.isStandardError(System.getenv());
        System.setProperty("vbrelay.log.format", isJournal ? "journal-" + format : format);
    }
}
