package io.vbrelay.cli;

import java.util.Locale;
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

    /** conf/logback.xml reads these properties. */
    void apply() {
        System.setProperty("vbrelay.log.level", level.name().toLowerCase(Locale.ROOT));
        System.setProperty("vbrelay.log.format", format.name().toLowerCase(Locale.ROOT));
    }
}
