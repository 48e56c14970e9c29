package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Plays the camera's side of a captured session, as docs/capture-format.md says, and closes the connection at its end.
 *
 * <p><b>Memory.</b> The session is read once and shared by all connections.
 */
@SuppressWarnings("FutureReturnValueIgnored") // A write or close that fails ends the connection by itself.
final class Replay extends SimpleChannelInboundHandler<ByteBuf> {
    /** A session is kept in memory: at 3 Mbit/s this is ten minutes. */
    private static final long MAX_SESSION_BYTES = 256 << 20;

    private final SimulatedCamera camera;
    private final List<SessionRecord> session;
    private int next;
    private long expectedBytes;
    private long receivedBytes;
    private boolean pausing;

    Replay(SimulatedCamera camera, List<SessionRecord> session) {
        this.camera = camera;
        this.session = session;
    }

    /** Reads the session to play. */
    static List<SessionRecord> load(Path file) throws IOException {
        List<SessionRecord> session = new ArrayList<>();
        long sizeBytes = 0;
        try (SessionReader reader = SessionReader.open(file)) {
            for (SessionRecord piece = reader.next(); piece != null; piece = reader.next()) {
                session.add(piece);
                sizeBytes += piece.bytes().length;
                if (sizeBytes > MAX_SESSION_BYTES) {
                    throw new IOException(file + ": expected a session of at most " + MAX_SESSION_BYTES + " bytes");
                }
            }
        } catch (NoSuchFileException e) {
            throw new IOException("replay: no such file '" + file + "'", e);
        }
        return List.copyOf(session);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        advance(ctx);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, ByteBuf bytes) {
        receivedBytes += bytes.readableBytes();
        advance(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        advance(ctx);
    }

    /** Goes on to the next piece of the camera's, when it is not waiting for anything. */
    private void advance(ChannelHandlerContext ctx) {
        while (next < session.size() && session.get(next).direction() == Direction.TO_CAMERA) {
            expectedBytes += session.get(next).bytes().length;
            next++;
        }
        if (ctx.isRemoved() || pausing || camera.isSilent() || receivedBytes < expectedBytes) {
            return;
        }
        if (next == session.size()) {
            ctx.close();
            return;
        }
        long sinceUs = next == 0 ? 0 : session.get(next - 1).timeUs();
        pausing = true;
        ctx.executor().schedule(() -> play(ctx), session.get(next).timeUs() - sinceUs, TimeUnit.MICROSECONDS);
    }

    private void play(ChannelHandlerContext ctx) {
        pausing = false;
        ctx.writeAndFlush(Unpooled.wrappedBuffer(session.get(next).bytes()));
        next++;
        advance(ctx);
    }
}
