package io.vbrelay.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** vbrelay as its users start it: a process of its own, with its exit code and what it says. */
final class Program implements AutoCloseable {
    /** Far beyond what anything takes here; only a test that fails waits so long. */
    private static final int PATIENCE_SECONDS = 40;

    private final Process process;
    private final Lines out;
    private final Lines err;

    private Program(Process process) {
        this.process = process;
        out = new Lines(process.getInputStream());
        err = new Lines(process.getErrorStream());
    }

    static Program start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    /** With no variable of vbrelay's but these. */
    static Program start(Map<String, String> environment, String... arguments) throws IOException {
        return start(Stream.of(), environment, arguments);
    }

    /** With so many files and sockets at most. */
    static Program startWithDescriptors(int most, String... arguments) throws IOException {
        return start(Stream.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh"), Map.of(), arguments);
    }

    private static Program start(Stream<String> launcher, Map<String, String> environment, String... arguments)
            throws IOException {
        Stream<String> java = Stream.of(
                System.getProperty("java.home") + "/bin/java",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1", // Starts faster, and runs for seconds only.
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
        ProcessBuilder builder = new ProcessBuilder(Stream.of(launcher, java, Stream.of(arguments))
                .flatMap(Function.identity())
                .collect(Collectors.toList()));
        builder.environment().keySet().removeIf(name -> name.startsWith("VBRELAY_"));
        builder.environment().putAll(environment);
        return new Program(builder.start());
    }

    /** Waits for a line of standard output; group 1 of the pattern. */
    String awaitOut(String pattern) throws InterruptedException {
        return out.await(Pattern.compile(pattern));
    }

    /** Waits for a line of standard error; group 1 of the pattern. */
    String awaitErr(String pattern) throws InterruptedException {
        return err.await(Pattern.compile(pattern));
    }

    /** What it has said in all; complete once it has ended. */
    List<String> out() {
        return out.all();
    }

    List<String> err() {
        return err.all();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM. */
    void terminate() {
        process.toHandle().destroy(); // Process.destroy would close its output, too.
    }

    int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("does not end; it said " + out() + err());
        }
        out.awaitEnd();
        err.awaitEnd();
        return process.exitValue();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** What comes out of a process, line by line. <b>Threads.</b> One of its own reads. */
    private static final class Lines {
        private final List<String> lines = new ArrayList<>();
        private final Thread thread;

        Lines(InputStream from) {
            thread = new Thread(() -> read(from), "lines");
            thread.setDaemon(true);
            thread.start();
        }

        private void read(InputStream from) {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        synchronized List<String> all() {
            return List.copyOf(lines);
        }

        synchronized String await(Pattern pattern) throws InterruptedException {
            long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            for (int i = 0; ; i++) {
                while (i == lines.size()) {
                    long leftNs = endNs - System.nanoTime();
                    if (leftNs <= 0) {
                        throw new AssertionError("waited for " + pattern + ", got " + lines);
                    }
                    TimeUnit.NANOSECONDS.timedWait(this, leftNs);
                }
                Matcher matcher = pattern.matcher(lines.get(i));
                if (matcher.find()) {
                    return matcher.group(1);
                }
            }
        }

        void awaitEnd() throws InterruptedException {
            thread.join();
        }
    }
}
