package io.vbrelay.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vbrelay.cli.config.Bitrate;
import io.vbrelay.cli.load.Load;
import io.vbrelay.cli.load.LoadPlan;
import io.vbrelay.cli.load.LoadProgress;
import io.vbrelay.cli.load.LoadReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Watches one stream as very many viewers do, and tells what they saw. */
@Command(
        name = "load",
        description =
                "Watches a stream as many viewers at once, checks each of their streams, and tells what they saw.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class LoadCommand implements Callable<Integer> {
    /** How often a terminal's line is drawn anew; a log gets a line each time that this has been done so often. */
    private static final int PROGRESS_SECONDS = 1;

    private static final int LOG_SECONDS = 5;

    @Parameters(paramLabel = "URL", description = "Of a stream, such as http://127.0.0.1:8090/live/cam.flv.")
    private URI url = URI.create("");

    @Option(
            names = "--viewers",
            paramLabel = "N",
            defaultValue = "100",
            description = "How many (default: ${DEFAULT-VALUE}).")
    private int viewers;

    @Option(
            names = "--ramp",
            paramLabel = "N",
            defaultValue = "500",
            description = "Joins a second (default: ${DEFAULT-VALUE}).")
    private int ramp;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "How long they are measured, once all are there (default: ${DEFAULT-VALUE}).")
    private Seconds seconds = Seconds.parse("20");

    @Option(
            names = "--settle",
            paramLabel = "TIME",
            defaultValue = "3s",
            description = "From the last join until they are measured (default: ${DEFAULT-VALUE}).")
    private Duration settle = Duration.ZERO;

    @Option(
            names = "--slow",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of viewers who read at --slow-rate, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double slow;

    @Option(
            names = "--slow-rate",
            paramLabel = "RATE",
            defaultValue = "128k",
            description = "What each slow viewer reads, in bits a second (default: ${DEFAULT-VALUE}).")
    private Bitrate slowRate = Bitrate.parse("128k");

    @Option(
            names = "--stalled",
            paramLabel = "SHARE",
            defaultValue = "0",
            description = "Share of viewers who read nothing, 0 to 1 (default: ${DEFAULT-VALUE}).")
    private double stalled;

    @Option(
            names = "--sources",
            paramLabel = "N",
            description =
                    "Come from so many addresses, 127.0.0.2 and up; only to a stream of this machine (default: from one).")
    private @Nullable Integer sources;

    @Option(names = "--json", description = "Print one JSON object instead of text.")
    private boolean json;

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        try (Load load = Main.checked(spec, () -> new Load(plan()))) {
            StopAtShutdown shutdown = new StopAtShutdown(load::stop);
            try {
                LoadReport report = await(load);
                print(report);
                return report.isWhole() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
            } finally {
                shutdown.ended();
            }
        }
    }

    private LoadPlan plan() {
        if (sources != null && sources < 1) {
            throw new IllegalArgumentException("sources: expected at least 1, got '" + sources + "'");
        }
        return new LoadPlan(
                url,
                viewers,
                ramp,
                settle,
                seconds.duration(),
                slow,
                slowRate.ofStream(),
                stalled,
                sources == null ? 0 : sources);
    }

    /** Tells meanwhile how it stands. */
    private LoadReport await(Load load) throws IOException, InterruptedException {
        Progress progress = new Progress(spec.commandLine().getErr());
        try {
            while (true) {
                try {
                    return load.done().get(PROGRESS_SECONDS, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    progress.tell(load.progress().get());
                }
            }
        } catch (ExecutionException e) {
            throw new IOException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } finally {
            progress.end();
        }
    }

    private void print(LoadReport report) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonMapper().writeValueAsString(report));
        } else {
            report.print(out);
        }
        out.flush();
    }

    /** A line that a terminal shows anew each second; a line every five seconds where there is none. */
    private static final class Progress {
        private final boolean isTerminal = isTerminal();
        private final PrintWriter err;
        private LoadProgress earlier = new LoadProgress(0, 0, 0, 0);
        private long earlierNs = System.nanoTime();
        private int untold;
        private boolean shown;

        Progress(PrintWriter err) {
            this.err = err;
        }

        /** Of standard error (proc(5), pts(4)); the command runs on Linux only, and Java's console is about standard input, too. */
        private static boolean isTerminal() {
            try {
                return Files.readSymbolicLink(Path.of("/proc/self/fd/2"))
                        .toString()
                        .matches("/dev/(pts/|tty).*");
            } catch (IOException e) {
                return false;
            }
        }

        void tell(LoadProgress now) {
            untold++;
            if (!isTerminal && untold < LOG_SECONDS / PROGRESS_SECONDS) {
                return;
            }
            long nowNs = System.nanoTime();
            String text = now.text(earlier, (nowNs - earlierNs) / 1e9);
            if (isTerminal) {
                err.print("\r" + text + "\033[K"); // ECMA-48, EL: the rest of the longer line before is erased.
                shown = true;
            } else {
                err.println(text);
            }
            err.flush();
            earlier = now;
            earlierNs = nowNs;
            untold = 0;
        }

        void end() {
            if (shown) {
                err.println();
                err.flush();
            }
        }
    }
}
