package io.vbrelay.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** vbrelay as its users start it, or another program: a process of its own, with its exit code, what it says and what it costs. */
final class Program implements AutoCloseable {
    /** For programs that run for seconds only. */
    private static final List<String> QUICK_START = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");

    /** What the launcher tells Java. */
    private static final String LAUNCHER = "@" + Path.of("src", "main", "dist", "java.options");

    /** Far beyond what anything takes here; only a test that fails waits so long. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*(\\d+) kB");

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
        return start(environment, java(QUICK_START, arguments));
    }

    /** As the launcher starts it, to be measured, with these flags for Java besides. */
    static Program launch(List<String> flags, String... arguments) throws IOException {
        return start(
                Map.of(),
                java(Stream.concat(Stream.of(LAUNCHER), flags.stream()).toList(), arguments));
    }

    /** With so many files and sockets at most. */
    static Program startWithDescriptors(int most, String... arguments) throws IOException {
        return startBy(List.of("sh", "-c", "ulimit -n " + most + " && exec \"$@\"", "sh"), arguments);
    }

    /** By a command that becomes the one behind it. */
    static Program startBy(List<String> command, String... arguments) throws IOException {
        List<String> java = java(QUICK_START, arguments);
        return start(Map.of(), Stream.concat(command.stream(), java.stream()).toList());
    }

    /** As systemd starts it, whose journal its standard error goes to. */
    static Program startForJournal(String... arguments) throws IOException {
        List<String> shell =
                List.of("sh", "-c", "JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec \"$@\"", "sh");
        List<String> java = java(QUICK_START, arguments);
        return start(Map.of(), Stream.concat(shell.stream(), java.stream()).toList());
    }

    /** Another program. */
    static Program other(List<String> command) throws IOException {
        return start(Map.of(), command);
    }

    private static List<String> java(List<String> flags, String... arguments) {
        return Stream.of(
                        Stream.of(System.getProperty("java.home") + "/bin/java"),
                        flags.stream(),
                        Stream.of("-cp", System.getProperty("java.class.path"), Main.class.getName()),
                        Stream.of(arguments))
                .flatMap(part -> part)
                .toList();
    }

    private static Program start(Map<String, String> environment, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
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

    /** Sends SIGHUP, which Java can't. */
    void hangUp() throws IOException, InterruptedException {
        int exit = new ProcessBuilder("kill", "-HUP", Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new AssertionError("has ended; it said " + out() + err());
        }
    }

    /** Of all its threads, by its user and by the kernel; in steps of 10 ms on Linux. */
    long cpuNs() {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    /** Of the threads whose name begins so. <b>Linux.</b> Its ticks are 10 ms everywhere (proc_pid_stat(5)). */
    long cpuNs(String threads) throws IOException {
        long ticks = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                // The thread's name is in parentheses, and may have blanks and parentheses itself.
                String stat = Files.readString(task.resolve("stat"));
                int nameEnd = stat.lastIndexOf(')');
                if (stat.startsWith(threads, stat.indexOf('(') + 1)) {
                    String[] fields = stat.substring(nameEnd + 2).split(" ", -1); // From the third on.
                    ticks += Long.parseLong(fields[14 - 3]) + Long.parseLong(fields[15 - 3]);
                }
            }
        }
        return TimeUnit.MILLISECONDS.toNanos(10 * ticks);
    }

    long residentBytes() throws IOException {
        Matcher resident = RESIDENT.matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
        if (!resident.find()) {
            throw new AssertionError("has ended; it said " + out() + err());
        }
        return Long.parseLong(resident.group(1)) * 1024;
    }

    /** Those it has open, its connections among them. */
    int sockets() throws IOException {
        int sockets = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/fd"))) {
            for (Path descriptor : open) {
                try {
                    sockets += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // Closed meanwhile.
                }
            }
        }
        return sockets;
    }

    int awaitExit() throws InterruptedException {
        return awaitExit(PATIENCE);
    }

    int awaitExit(Duration patience) throws InterruptedException {
        if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
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
            AllSaid.add(line);
            notifyAll();
        }

        synchronized List<String> all() {
            return List.copyOf(lines);
        }

        synchronized String await(Pattern pattern) throws InterruptedException {
            long endNs = System.nanoTime() + PATIENCE.toNanos();
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
