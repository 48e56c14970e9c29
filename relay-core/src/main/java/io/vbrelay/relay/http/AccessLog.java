package io.vbrelay.relay.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.vbrelay.camera.Repetition;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file with a line for each request, or none. Not one of Logback's: those lose lines silently when a disk is full or slow, and cannot
 * open a file anew after another program has moved it away.
 *
 * <p><b>Threads.</b> Lines come from any and are written by one. As many wait as there is room for; what comes then is lost and counted.
 * So nobody ever waits for a disk. A line is in a file whole or not at all, also when the disk is full in between; in standard output,
 * of which nothing can be taken back, it is gone on with where it was cut off.
 */
public final class AccessLog implements AutoCloseable {
    /** Instead of a file. */
    public static final Path STANDARD_OUTPUT = Path.of("-");

    /** A second's worth of many; each takes 200 bytes as a rule, and 6 kB at most. */
    private static final int MOST_WAITING = 4096;

    private static final int BLOCK_BYTES = 64 << 10;
    private static final long RETRY_MS = 1000;

    /** Without a loss, before that is told as the end of it. */
    private static final long CALM_NS = TimeUnit.SECONDS.toNanos(10);

    private static final long CLOSE_MS = 2000;
    private static final Logger log = LoggerFactory.getLogger(AccessLog.class);

    /** Wakes the writer; what comes behind it may go to the next file. */
    private static final AccessLine NOTHING =
            AccessLine.begin(InetAddress.getLoopbackAddress(), "", EmptyHttpHeaders.INSTANCE);

    private final long calmNs;
    private final long retryMs;
    private final BlockingQueue<AccessLine> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicReference<@Nullable Output> next = new AtomicReference<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Path file;

    @GuardedBy("this")
    private @Nullable Thread writer;

    // Of those who add lines.
    private final AtomicLong lost = new AtomicLong();
    private final AtomicBoolean isLosing = new AtomicBoolean();
    private volatile long lostAtNs;
    private final Repetition losses = new Repetition();

    // Of the writer.
    private Output output = Output.NONE;
    private final Repetition failures = new Repetition();
    private boolean isFailureTold;
    private final Repetition endsOfLosses = new Repetition();
    private long toldLost;

    /** Writes nothing until something is opened. */
    public AccessLog() {
        this(CALM_NS, RETRY_MS);
    }

    AccessLog(long calmNs, long retryMs) {
        this.calmNs = calmNs;
        this.retryMs = retryMs;
    }

    record Output(@Nullable Path file, @Nullable SeekableByteChannel channel) {
        static final Output NONE = new Output(null, null);

        static Output of(@Nullable Path file) throws IOException {
            if (file == null) {
                return NONE;
            }
            return new Output(
                    file,
                    file.equals(STANDARD_OUTPUT)
                            ? new FileOutputStream(FileDescriptor.out).getChannel()
                            : FileChannel.open(file, CREATE, WRITE, APPEND)); // So that others may cut it off, too.
        }

        boolean isOwn() {
            return channel != null && !STANDARD_OUTPUT.equals(file);
        }

        void close() {
            if (channel != null && isOwn()) {
                try {
                    channel.close();
                } catch (IOException e) {
                    log.warn("access log {}: the last lines may be missing, {}", file, e.getMessage());
                }
            }
        }
    }

    /** A file that is open, and is written to when it is handed over. */
    public final class Opening implements AutoCloseable {
        private @Nullable Output opened;

        private Opening(Output opened) {
            this.opened = opened;
        }

        /** All lines from now on go there; what has been added before may go to either. */
        public void handOver() {
            if (opened != null) {
                use(opened);
                opened = null;
            }
        }

        /** Closes it, unless it has been handed over. */
        @Override
        public void close() {
            if (opened != null) {
                opened.close();
                opened = null;
            }
        }
    }

    /**
     * Opens a file, anew even if it is the one that is written to: another program may have moved it away. If there is none it is made,
     * and stays.
     *
     * @param wanted {@link #STANDARD_OUTPUT} for that, null for none
     * @return to be handed over or closed
     * @throws IOException in one line
     */
    public Opening prepare(@Nullable Path wanted) throws IOException {
        try {
            return new Opening(Output.of(wanted));
        } catch (IOException e) {
            throw new IOException("log.access: cannot write " + wanted + ", " + reason(e), e);
        }
    }

    /** Writes to this file from now on: {@link #prepare} and {@link Opening#handOver}. */
    public void open(@Nullable Path wanted) throws IOException {
        prepare(wanted).handOver();
    }

    synchronized void use(Output opened) {
        if (writer == null && opened.channel() == null) {
            return;
        }
        Output passedOver = next.getAndSet(opened);
        if (passedOver != null) {
            passedOver.close();
        }
        if (writer == null) {
            writer = new Thread(this::run, "access-log");
            writer.setDaemon(true);
            writer.start();
        }
        waiting.offer(NOTHING); // If there is no room, the writer is awake.
        file = opened.file(); // Now, so that the first line comes when there is somewhere to write it.
    }

    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such directory";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        String reason = e instanceof FileSystemException failed ? failed.getReason() : null;
        return Objects.requireNonNullElse(reason, String.valueOf(e.getMessage()))
                .toLowerCase(Locale.ROOT);
    }

    /** Whether anything is written at all. */
    boolean isOn() {
        return file != null;
    }

    /** To be written soon, if there is a file. */
    void add(AccessLine line) {
        if (file != null && !waiting.offer(line)) {
            lost.incrementAndGet();
            lostAtNs = System.nanoTime();
            if (isLosing.compareAndSet(false, true)) {
                String more = losses.next(lostAtNs);
                if (more != null) {
                    log.warn("access log {}: {} lines wait already, further ones are lost{}", file, MOST_WAITING, more);
                }
            }
        }
    }

    /** Lines that there was no room for, or nothing any more to write them to. */
    public long lost() {
        return lost.get();
    }

    private void run() {
        try {
            while (closed.getCount() > 0 || !waiting.isEmpty()) {
                AccessLine line = isLosing.get() ? waiting.poll(calmNs, TimeUnit.NANOSECONDS) : waiting.take();
                if (line != null) {
                    write(block(line));
                }
                useNext();
                if (isLosing.get() && System.nanoTime() - lostAtNs >= calmNs) {
                    isLosing.set(false);
                    if (endsOfLosses.next(lostAtNs) != null) {
                        tellLost();
                    }
                }
            }
            output.close();
            tellLost();
        } catch (InterruptedException e) {
            log.error("access log {}: interrupted, nothing is written any more", file);
        }
    }

    private void useNext() {
        Output opened = next.getAndSet(null);
        if (opened != null) {
            output.close();
            output = opened;
        }
    }

    /** This line and others that wait for the same file. */
    private ByteBuffer block(AccessLine first) {
        StringBuilder text = new StringBuilder();
        AccessLine line = first;
        while (line != null && line.status() != 0) { // Else it is NOTHING, behind which the next file begins.
            text.append(line.text());
            line = text.length() < BLOCK_BYTES ? waiting.poll() : null;
        }
        return ByteBuffer.wrap(text.toString().getBytes(US_ASCII));
    }

    private void write(ByteBuffer lines) throws InterruptedException {
        while (lines.hasRemaining()) {
            SeekableByteChannel channel = output.channel();
            if (channel == null) {
                isFailureTold = false;
                lose(lines);
                return;
            }
            try {
                channel.write(lines);
            } catch (IOException e) {
                tellFailure(e);
                takeBack(lines, channel);
                if (closed.await(retryMs, TimeUnit.MILLISECONDS)) {
                    lose(lines);
                    return;
                }
                Output failing = output;
                useNext();
                if (!output.equals(failing)) {
                    lines.position(beginningOfLine(lines));
                }
                continue;
            }
            if (isFailureTold && !lines.hasRemaining()) {
                isFailureTold = false;
                log.info("access log {}: written again", output.file());
            }
        }
    }

    private void tellFailure(IOException thrown) {
        String more = isFailureTold ? null : failures.next(System.nanoTime());
        if (more != null) {
            isFailureTold = true;
            log.warn("access log {}: {}; tried again each second{}", output.file(), thrown.getMessage(), more);
        }
    }

    /** Takes the half of a line out of the file that the disk has refused the rest of. */
    private void takeBack(ByteBuffer lines, SeekableByteChannel channel) {
        int whole = beginningOfLine(lines);
        int half = lines.position() - whole;
        if (half == 0 || !output.isOwn()) {
            return;
        }
        try {
            channel.truncate(Math.max(0, channel.size() - half)); // Less than half if somebody else has emptied it.
            lines.position(whole);
        } catch (IOException e) {
            log.debug("access log {}: half a line stays until the rest is written", output.file(), e);
        }
    }

    private static int beginningOfLine(ByteBuffer lines) {
        int at = lines.position();
        while (at > 0 && lines.get(at - 1) != '\n') {
            at--;
        }
        return at;
    }

    private void lose(ByteBuffer lines) {
        for (int i = lines.position(); i < lines.limit(); i++) {
            if (lines.get(i) == '\n') {
                lost.incrementAndGet();
            }
        }
        lostAtNs = System.nanoTime();
        isLosing.set(true);
    }

    private void tellLost() {
        long all = lost.get();
        if (all > toldLost) {
            log.warn("access log: {} lines were lost", all - toldLost);
            toldLost = all;
        }
    }

    /** Writes what waits, for two seconds at most, and nothing that comes later. */
    @Override
    public synchronized void close() {
        closed.countDown();
        waiting.offer(NOTHING);
        if (writer != null) {
            try {
                writer.join(CLOSE_MS);
                if (writer.isAlive()) {
                    log.warn("access log {}: takes nothing, about {} lines are lost", file, waiting.size());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
