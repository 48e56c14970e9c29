package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Plays the camera's side of a captured session, as docs/capture-format.md says, and closes the connection at its end. A
 * client that does not read is sent nothing until it does.
 *
 * <p><b>Memory.</b> The session is read once and shared by all connections.
 */
final class Replay extends SimpleChannelInboundHandler<ByteBuf> {
    /** A session is kept in memory: at 3 Mbit/s this is ten minutes. */
    private static final long MAX_SESSION_BYTES = 256 << 20;

    /** What a record costs in memory besides its bytes. */
    private static final int RECORD_COST = 64;

    private final SimulatedCamera camera;
    private final List<SessionRecord> session;
    private int next;
    private long expectedBytes;
    private long receivedBytes;
    private boolean pausing;
    private boolean due;

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
                sizeBytes += piece.bytes().length + RECORD_COST;
                if (sizeBytes > MAX_SESSION_BYTES) {
                    throw new IOException("expected a session of at most " + MAX_SESSION_BYTES + " bytes");
                }
            }
        } catch (NoSuchFileException e) {
            throw new IOException("replay: no such file '" + file + "'", e);
        } catch (AccessDeniedException e) {
            throw unreadable(file, "permission denied", e);
        } catch (IOException e) {
            throw unreadable(file, String.valueOf(e.getMessage()), e);
        }
        if (session.isEmpty()) {
            throw unreadable(file, "expected a session with at least one record", null);
        }
        return List.copyOf(session);
    }

    private static IOException unreadable(Path file, String why, @Nullable IOException cause) {
        return new IOException("replay: cannot read '" + file + "': " + why, cause);
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

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        advance(ctx);
    }

    /** Goes on to the next piece of the camera's, when it is not waiting for anything. */
    private void advance(ChannelHandlerContext ctx) {
        while (next < session.size() && session.get(next).direction() == Direction.TO_CAMERA) {
            expectedBytes += session.get(next).bytes().length;
            next++;
        }
        boolean canSend = ctx.channel().isWritable() && !camera.isSilent();
        if (ctx.isRemoved() || pausing || !canSend || receivedBytes < expectedBytes) {
            return;
        }
        if (next == session.size()) {
            // Behind what is still being sent, which ctx.close() would drop.
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        } else if (due) {
            due = false;
            ctx.writeAndFlush(Unpooled.wrappedBuffer(session.get(next++).bytes()));
            advance(ctx);
        } else {
            pause(ctx);
        }
    }

    /** For as long as the camera had taken since the record before. */
    private void pause(ChannelHandlerContext ctx) {
        long sinceUs = next == 0 ? 0 : session.get(next - 1).timeUs();
        pausing = true;
        ctx.executor()
                .schedule(
                        () -> {
                            pausing = false;
                            due = true;
                            advance(ctx);
                        },
                        session.get(next).timeUs() - sinceUs,
                        TimeUnit.MICROSECONDS);
    }
}
