package io.vbrelay.camera.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records both directions of a session's connections, one after another, into a session file.
 *
 * <p>The event loop only copies; a thread of the recorder's own opens and writes the file. A disk that can't keep up is
 * given {@value #MAX_WAITING_BYTES} bytes of patience. Then the recording ends, because a session with a hole in it can't
 * be played back, and the bytes lost are counted. So does any error of the file. The channels are disturbed by neither.
 *
 * <p><b>Threads.</b> {@link #tap}, {@link #close} and all channels belong to one event loop; the futures are for anybody.
 *
 * <p><b>Ownership.</b> The file is closed some time after {@link #close}; {@link #done} tells when.
 */
public final class SessionRecorder implements AutoCloseable {
    static final int MAX_WAITING_BYTES = 16 << 20;

    private static final Logger log = LoggerFactory.getLogger(SessionRecorder.class);

    /** What a record costs besides its bytes, so that many short ones are bounded too. */
    private static final int RECORD_COST = 64;

    /** Told from the records by its time. */
    private static final SessionRecord NO_MORE = new SessionRecord(Direction.TO_CAMERA, -1, new byte[0]);

    private final Path file;
    private final String camera;
    private final byte[] credentials;
    private final Direction inbound;
    private final LinkedBlockingQueue<SessionRecord> waiting = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(MAX_WAITING_BYTES);
    private final CompletableFuture<Void> opened = new CompletableFuture<>();
    private final CompletableFuture<Long> done = new CompletableFuture<>();

    /** Set by the writer, read on the event loop: nobody takes from the queue any more. */
    private volatile boolean failed;

    // Event loop
    private @Nullable Tap current;
    private long startNs;
    private boolean ended;
    private long lostBytes;

    /**
     * Creates the file, on a thread of its own.
     *
     * @param camera the address as {@link SessionWriter} takes it
     * @param credentials what is masked besides what is known of each protocol, as {@link CredentialMask} takes it
     * @param inbound which way the bytes go that the channels receive: {@link Direction#FROM_CAMERA} on a client's
     *     channel, {@link Direction#TO_CAMERA} on a camera's
     */
    public SessionRecorder(Path file, String camera, byte[] credentials, Direction inbound) {
        this.file = file;
        this.camera = camera;
        this.credentials = credentials.clone();
        this.inbound = inbound;
        Thread writer = new Thread(this::writeFile, "session-recorder");
        writer.setDaemon(true);
        writer.start();
    }

    /** Completes when the file is there to be written, exceptionally when it can't be. */
    public CompletableFuture<Void> opened() {
        return opened.copy();
    }

    /** Completes when the file is closed, with the bytes of the session in it; exceptionally when it could not be written. */
    public CompletableFuture<Long> done() {
        return done.copy();
    }

    /**
     * Records the next connection. Belongs first in its pipeline, where every message is bytes; behind TLS, so that they can
     * be read. A connection that begins ends the one before: what that still says is left out.
     */
    public ChannelHandler tap() {
        return new Tap();
    }

    /** Ends the recording; what came until now is still written. */
    @Override
    public void close() {
        endConnection(inbound.opposite());
        if (!ended) {
            ended = true;
            waiting.add(NO_MORE);
        }
        if (lostBytes > 0 && !failed) {
            log.warn("{}: the disk was too slow, the session's last {} bytes are not recorded", file, lostBytes);
        }
    }

    private void beginConnection(Tap tap) {
        if (startNs == 0) {
            startNs = System.nanoTime();
        }
        endConnection(inbound.opposite());
        current = tap;
    }

    private void endConnection(Direction closedBy) {
        if (current != null) {
            current = null;
            add(closedBy, new byte[0]);
        }
    }

    private void add(Direction direction, byte[] bytes) {
        if (failed) {
            return;
        }
        if (!ended && !room.tryAcquire(bytes.length + RECORD_COST)) {
            ended = true;
            waiting.add(NO_MORE);
        }
        if (ended) {
            lostBytes += bytes.length;
            return;
        }
        waiting.add(new SessionRecord(direction, (System.nanoTime() - startNs) / 1000, bytes));
    }

    private void writeFile() {
        long sizeBytes = 0;
        try (SessionWriter writer = SessionWriter.create(file, camera, credentials)) {
            opened.complete(null);
            for (SessionRecord next = waiting.take(); next.timeUs() >= 0; next = waiting.take()) {
                writer.write(next);
                sizeBytes += next.bytes().length;
                room.release(next.bytes().length + RECORD_COST);
            }
        } catch (IOException | RuntimeException | InterruptedException e) {
            failed = true;
            waiting.clear();
            log.warn("{}: the session is not recorded: {}", file, e.toString());
            opened.completeExceptionally(e);
            done.completeExceptionally(e);
        }
        done.complete(sizeBytes);
    }

    private final class Tap extends ChannelDuplexHandler {
        private boolean closing;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            if (ctx.channel().isActive()) {
                beginConnection(this);
            }
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            if (current != this) {
                beginConnection(this);
            }
            ctx.fireChannelActive();
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object msg) {
            record(inbound, msg);
            ctx.fireChannelRead(msg);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object msg, ChannelPromise promise) throws Exception {
            record(inbound.opposite(), msg);
            super.write(ctx, msg, promise);
        }

        @Override
        public void close(ChannelHandlerContext ctx, ChannelPromise promise) throws Exception {
            closing = true;
            super.close(ctx, promise);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end();
            ctx.fireChannelInactive();
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            end();
        }

        private void record(Direction direction, Object msg) {
            if (current == this && msg instanceof ByteBuf bytes && bytes.isReadable()) {
                add(direction, ByteBufUtil.getBytes(bytes));
            }
        }

        private void end() {
            if (current == this) {
                endConnection(closing ? inbound.opposite() : inbound);
            }
        }
    }
}
