package io.vbrelay.camera.session;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records both directions of a channel into a session file. Belongs first in the pipeline, where every message is bytes.
 *
 * <p>The event loop only copies; a thread of the recorder's own opens and writes the file. A disk that can't keep up is
 * given {@value #MAX_WAITING_BYTES} bytes of patience. Then the recording ends, because a session with a hole in it can't
 * be played back, and the bytes lost are counted. So does any error of the file. The channel is disturbed by neither.
 *
 * <p><b>Ownership.</b> One recorder for one channel. The file is closed when the channel is, or when the handler is
 * removed; {@link #done} tells when.
 */
public final class SessionRecorder extends ChannelDuplexHandler {
    static final int MAX_WAITING_BYTES = 16 << 20;

    private static final Logger log = LoggerFactory.getLogger(SessionRecorder.class);

    /** What a record costs besides its bytes, so that many short ones are bounded too. */
    private static final int RECORD_COST = 64;

    /** Nothing else that waits is empty. */
    private static final SessionRecord END = new SessionRecord(Direction.TO_CAMERA, 0, new byte[0]);

    private final Path file;
    private final Direction inbound;
    private final LinkedBlockingQueue<SessionRecord> waiting = new LinkedBlockingQueue<>();
    private final Semaphore room = new Semaphore(MAX_WAITING_BYTES);
    private final CompletableFuture<Void> done = new CompletableFuture<>();

    /** Set by the writer, read on the event loop: nobody takes from the queue any more. */
    private volatile boolean failed;

    // Event loop
    private long startNs;
    private boolean ended;
    private long lostBytes;

    /**
     * @param inbound which way the bytes go that the channel receives: {@link Direction#FROM_CAMERA} on a client's
     *     channel, {@link Direction#TO_CAMERA} on a camera's
     */
    public SessionRecorder(Path file, Direction inbound) {
        this.file = file;
        this.inbound = inbound;
    }

    /** Completes when the file is closed, exceptionally when it could not be written. */
    public CompletableFuture<Void> done() {
        return done.copy();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        startNs = System.nanoTime();
        Thread writer = new Thread(this::writeFile, "session-recorder");
        writer.setDaemon(true);
        writer.start();
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
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (!ended) {
            end();
        }
        if (lostBytes > 0 && !failed) {
            log.warn("{}: the disk was too slow, the session's last {} bytes are not recorded", file, lostBytes);
        }
    }

    private void record(Direction direction, Object msg) {
        if (failed || !(msg instanceof ByteBuf bytes) || !bytes.isReadable()) {
            return;
        }
        int length = bytes.readableBytes();
        if (!ended && !room.tryAcquire(length + RECORD_COST)) {
            end();
        }
        if (ended) {
            lostBytes += length;
            return;
        }
        long timeUs = (System.nanoTime() - startNs) / 1000;
        waiting.add(new SessionRecord(direction, timeUs, ByteBufUtil.getBytes(bytes)));
    }

    private void end() {
        ended = true;
        waiting.add(END);
    }

    private void writeFile() {
        try (SessionWriter writer = SessionWriter.create(file)) {
            for (SessionRecord next = waiting.take(); next.bytes().length > 0; next = waiting.take()) {
                writer.write(next);
                room.release(next.bytes().length + RECORD_COST);
            }
        } catch (IOException | RuntimeException | InterruptedException e) {
            failed = true;
            waiting.clear();
            log.warn("{}: the session is not recorded: {}", file, e.toString());
            done.completeExceptionally(e);
        }
        done.complete(null);
    }
}
