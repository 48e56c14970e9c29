package io.vbrelay.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A server in a process of its own, and what it costs while {@link Load} watches it. Needs Linux's {@code /proc}. */
final class MeasuredServer implements AutoCloseable {
    private static final Pattern TCP_PAGES = Pattern.compile("TCP: .* mem (\\d+)");
    private static final long PAGE_BYTES = 4096;
    private static final String VIEWERS = "viewers-";

    /** To look at ten thousand descriptors takes tens of milliseconds. */
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(200);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What joining costs is over by then: key frames, buffers that find their size. */
    private static final int SETTLE_SECONDS = 2;

    private static final int WARM_UPS = 3;
    private static final int WARM_UP_SECONDS = 3;

    private final Program program;
    private final String url;
    private final int idleSockets;

    /** @param url of what is watched, by nobody yet */
    MeasuredServer(Program program, String url) throws IOException {
        this.program = program;
        this.url = url;
        idleSockets = program.sockets();
    }

    /**
     * What a server spent while it was watched.
     *
     * @param cores CPU time for each second, of all its threads
     * @param viewerCores the same of the threads that serve viewers, {@value #VIEWERS} and a number, if it has such
     * @param bytesPerSecond to all viewers, as they counted them
     * @param residentBytes the most that the process had
     * @param kernelBytes the most that the machine's TCP sockets held, the viewers' own ends among them, beyond what they held before
     */
    record Cost(
            double cores,
            double viewerCores,
            double bytesPerSecond,
            long residentBytes,
            long kernelBytes,
            Load.Report report) {}

    /** Lets so many watch, again and again, until the code that sends is compiled and memory has the size that serving takes. */
    void warmUp(int viewers) throws IOException, InterruptedException {
        for (int i = 0; i < WARM_UPS; i++) {
            try (Load load = new Load(url, viewers, 1, WARM_UP_SECONDS)) {
                load.report(); // Not everybody may get in while nothing is compiled and the machine is busy.
            }
        }
    }

    /** While so many watch, for so long, from two seconds after the last has come. */
    Cost watchedBy(int viewers, int seconds, String... flags) throws IOException, InterruptedException {
        awaitSockets(open -> open <= idleSockets, () -> false); // Who watched before has left.
        long kernelBefore = kernelBytes();
        // Watches a second longer than is measured here: it settles a moment before this does.
        try (Load load = new Load(url, viewers, SETTLE_SECONDS, seconds + 1, flags)) {
            if (!awaitSockets(open -> open >= idleSockets + viewers, () -> !load.isRunning())) {
                throw new AssertionError("not all could watch: " + load.report());
            }
            park(TimeUnit.SECONDS.toNanos(SETTLE_SECONDS));
            long beganNs = System.nanoTime();
            long beganCpuNs = program.cpuNs();
            long beganViewersNs = program.cpuNs(VIEWERS);
            long resident = 0;
            long kernel = 0;
            while (System.nanoTime() - beganNs < TimeUnit.SECONDS.toNanos(seconds)) {
                park(POLL_NS);
                resident = Math.max(resident, program.residentBytes());
                kernel = Math.max(kernel, kernelBytes());
            }
            double tookNs = System.nanoTime() - beganNs;
            double cores = (program.cpuNs() - beganCpuNs) / tookNs;
            double viewerCores = (program.cpuNs(VIEWERS) - beganViewersNs) / tookNs;
            Load.Report report = load.report();
            return new Cost(cores, viewerCores, report.bitsPerSecond() / 8, resident, kernel - kernelBefore, report);
        }
    }

    long residentBytes() throws IOException {
        return program.residentBytes();
    }

    /**
     * Looks again and again, since nobody tells when a server has accepted a connection.
     *
     * @return false if it was given up
     */
    private boolean awaitSockets(IntPredicate wanted, BooleanSupplier givenUp) throws IOException {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        for (int open = program.sockets(); !wanted.test(open); open = program.sockets()) {
            if (System.nanoTime() > endNs) {
                throw new AssertionError("has " + open + " sockets, of " + idleSockets + " when idle; it said "
                        + program.out() + program.err());
            }
            if (givenUp.getAsBoolean()) {
                return false;
            }
            park(POLL_NS);
        }
        return true;
    }

    /** What is measured is what happens in this time. */
    private static void park(long ns) {
        LockSupport.parkNanos(ns);
    }

    private static long kernelBytes() throws IOException {
        Matcher pages = TCP_PAGES.matcher(Files.readString(Path.of("/proc/net/sockstat")));
        if (!pages.find()) {
            throw new AssertionError("no TCP in /proc/net/sockstat");
        }
        return Long.parseLong(pages.group(1)) * PAGE_BYTES;
    }

    @Override
    public void close() throws InterruptedException {
        program.close();
    }
}
