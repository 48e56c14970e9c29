package io.vbrelay.cli.load;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.Buffer;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Very many viewers of one stream.
 *
 * <p>They join evenly by the clock; when all have, and the server has settled, there is a window in which they are measured; then all of
 * them leave. It ends early when nobody is left, or by {@link #stop}.
 *
 * <p><b>Threads.</b> One event loop has all viewers. Public methods may be called on any thread; none of them waits but {@link #close}.
 *
 * <p>Linux only: that a server closed on somebody who does not read is something that only epoll tells.
 */
public final class Load implements AutoCloseable {
    /** As much as is read at a time, of a buffer that all viewers share: more than a stream of 5 Mbit/s has in 100 ms. */
    static final int READ_BYTES = 64 << 10;

    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PACE_MS = 50;

    /** What the JVM may still open: its libraries, the system's databases. */
    private static final int OTHER_DESCRIPTORS = 50;

    private static final double ROUNDING = 1e-9; // Seven tenths of ten are seven, also in binary.

    private static final int FIRST_SOURCE = 0x7f000002; // 127.0.0.2

    private final LoadPlan plan;
    private final InetSocketAddress server;
    private final MultiThreadIoEventLoopGroup group;
    private final IoEventLoop loop;
    private final CompletableFuture<LoadReport> done = new CompletableFuture<>();

    private final ByteBuffer received = ByteBuffer.allocateDirect(READ_BYTES);
    private final long receivedAddress = Buffer.memoryAddress(received);
    private final ByteBuffer request;

    private final List<LoadViewer> viewers = new ArrayList<>();
    private final List<LoadViewer> slow = new ArrayList<>();
    private int stalled;
    private int unopened;
    private int ended;
    private boolean anyAnswered;
    private long startNs;
    private long pacedNs;
    private long windowNs;
    private long cpuNs;

    /**
     * Looks the host up, and begins.
     *
     * @throws IOException in one line: no such host, too few descriptors, no epoll
     * @throws IllegalArgumentException if the plan does not go with the host
     */
    public Load(LoadPlan plan) throws IOException {
        if (!Epoll.isAvailable()) {
            throw new IOException("a load needs Linux's epoll, and Netty's library for it cannot be loaded: "
                    + Epoll.unavailabilityCause());
        }
        this.plan = plan;
        server = plan.address();
        checkDescriptors(plan.viewers());
        byte[] text = plan.request().getBytes(StandardCharsets.US_ASCII);
        request = ByteBuffer.allocateDirect(text.length).put(text).flip();
        group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("load"), EpollIoHandler.newFactory());
        loop = group.next();
        loop.execute(this::begin);
    }

    private static void checkDescriptors(int viewers) throws IOException {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            long most = system.getMaxFileDescriptorCount();
            long needed = viewers + system.getOpenFileDescriptorCount() + OTHER_DESCRIPTORS;
            if (needed > most) {
                throw new IOException(
                        viewers + " viewers need " + needed + " file descriptors, and this process may open " + most
                                + "; allow more with 'ulimit -n " + needed + "', or take fewer viewers");
            }
        }
    }

    /** What was seen; fails in one line if the server never answered. */
    public CompletableFuture<LoadReport> done() {
        return done;
    }

    /** How it stands. */
    public CompletableFuture<LoadProgress> progress() {
        return CompletableFuture.supplyAsync(this::progressNow, loop);
    }

    private LoadProgress progressNow() {
        int open = 0;
        int refused = 0;
        int broken = 0;
        long bytes = 0;
        for (LoadViewer viewer : viewers) {
            StreamCheck check = viewer.check();
            open += viewer.isStreaming() ? 1 : 0;
            refused += viewer.status() != 0 && viewer.status() != ResponseHead.OK ? 1 : 0;
            broken += check != null && check.broken() != null ? 1 : 0;
            bytes += viewer.bytes();
        }
        return new LoadProgress(open, refused, broken, bytes);
    }

    /** Ends it now, with the report of what was seen so far. */
    public void stop() {
        loop.execute(() -> finish(false));
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private void begin() {
        startNs = System.nanoTime();
        pacedNs = startNs;
        join();
        if (plan.slow() > 0) {
            loop.scheduleAtFixedRate(this::pace, PACE_MS, PACE_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Lets in those who are due by the clock, so that what comes late does not make the rest late. */
    private void join() {
        long due = Math.min(plan.viewers(), (System.nanoTime() - startNs) * plan.ramp() / SECOND_NS + 1);
        while (joined() < due && !done.isDone()) {
            open();
        }
        if (done.isDone()) {
            return;
        }
        if (joined() < plan.viewers()) {
            long nextNs = startNs + joined() * SECOND_NS / plan.ramp();
            loop.schedule(this::join, nextNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        } else {
            loop.schedule(this::beginWindow, plan.settle().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private int joined() {
        return viewers.size() + unopened;
    }

    private void open() {
        LoadViewer.Kind kind = nextKind();
        try {
            LoadViewer viewer = new LoadViewer(this, kind, server);
            viewers.add(viewer);
            stalled += kind == LoadViewer.Kind.STALLED ? 1 : 0;
            if (kind == LoadViewer.Kind.SLOW) {
                slow.add(viewer);
            }
            viewer.connect(loop, server, source());
        } catch (IOException e) {
            unopened++;
            ended(e);
        }
    }

    /** The kinds are spread evenly among those who come; slow ones half a turn before stalled ones, out of their way. */
    private LoadViewer.Kind nextKind() {
        int count = joined() + 1;
        if (stalled < (int) (plan.stalled() * count + ROUNDING)) {
            return LoadViewer.Kind.STALLED;
        }
        return slow.size() < (int) (plan.slow() * count + 0.5) ? LoadViewer.Kind.SLOW : LoadViewer.Kind.GOOD;
    }

    private @Nullable InetAddress source() throws UnknownHostException {
        if (plan.sources() == 0) {
            return null;
        }
        int address = FIRST_SOURCE + joined() % plan.sources();
        return InetAddress.getByAddress(
                new byte[] {(byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address});
    }

    private void pace() {
        long nowNs = System.nanoTime();
        double seconds = (nowNs - pacedNs) / 1e9;
        pacedNs = nowNs;
        for (LoadViewer viewer : slow) {
            viewer.pace(plan.slowBitsPerSecond() / 8.0, seconds);
        }
    }

    /** Sends a viewer's request. A new connection takes it whole. */
    void request(Socket socket) throws IOException {
        if (socket.send(request, 0, request.limit()) != request.limit()) {
            throw new IOException("the request was not taken");
        }
    }

    /** The next bytes, at most so many, until the next call; null at the end of the stream. */
    @Nullable
    ByteBuffer receive(Socket socket, int most) throws IOException {
        int count = socket.recvAddress(receivedAddress, 0, most);
        return count < 0 ? null : received.clear().limit(count);
    }

    void answered() {
        anyAnswered = true;
    }

    /** Whether the window has begun. */
    boolean isMeasuring() {
        return windowNs != 0;
    }

    /** A viewer's connection has ended by itself; with a cause if it was never answered. */
    void ended(@Nullable IOException cause) {
        ended++;
        if (cause != null && !anyAnswered) {
            String why = cause instanceof ConnectException ? "connection refused" : cause.getMessage();
            fail(new IOException(server.getHostString() + ":" + server.getPort() + ": " + why, cause));
        } else if (ended == plan.viewers()) {
            finish(false);
        }
    }

    private void fail(IOException cause) {
        leave();
        done.completeExceptionally(cause);
    }

    private void beginWindow() {
        if (!done.isDone()) {
            cpuNs = cpuNs();
            windowNs = System.nanoTime();
            for (LoadViewer viewer : viewers) {
                if (viewer.isStreaming()) {
                    viewer.beginWindow(windowNs);
                }
            }
            loop.schedule(() -> finish(true), plan.window().toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Of this process. */
    private static long cpuNs() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getProcessCpuTime()
                : 0;
    }

    private void finish(boolean whole) {
        if (done.isDone()) {
            return;
        }
        LoadSummary summary = new LoadSummary(whole);
        if (windowNs != 0) {
            long nowNs = System.nanoTime();
            viewers.forEach(viewer -> viewer.endWindow(nowNs));
            summary.window((nowNs - windowNs) / 1e9, (cpuNs() - cpuNs) / 1e9);
        }
        viewers.forEach(summary::add);
        leave();
        done.complete(summary.report(plan, unopened));
    }

    private void leave() {
        viewers.forEach(LoadViewer::close);
    }
}
