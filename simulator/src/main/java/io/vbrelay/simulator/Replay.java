package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.util.concurrent.Future;
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
 * Plays the camera's side of one connection of a captured session, as docs/capture-format.md says, and closes it at its
 * end. A client that does not read is sent nothing until it does.
 *
 * <p><b>Memory.</b> The session is read once and shared by all connections.
 */
final class Replay extends SimpleChannelInboundHandler<ByteBuf> {
    /** A session is kept in memory: at 3 Mbit/s this is ten minutes. */
    private static final long MAX_SESSION_BYTES = 256 << 20;

    /** What a record costs in memory besides its bytes. */
    private static final int RECORD_COST = 64;

    /** Silence that ends a client's turn which is shorter than the captured one; so the dialects end a reply, too. */
    private static final long QUIET_MS = 100;

    private final SimulatedCamera camera;
    private final List<SessionRecord> connection;
    private int next;
    private long expectedBytes;
    private long receivedBytes;
    private long earlyBytes;
    private @Nullable Future<?> quiet;
    private boolean pausing;
    private boolean due;

    Replay(SimulatedCamera camera, List<SessionRecord> connection) {
        this.camera = camera;
        this.connection = connection;
    }

    /** Reads the session to play: its connections, each with at least one record and with times of its own. */
    static List<List<SessionRecord>> load(Path file) throws IOException {
        List<List<SessionRecord>> session = new ArrayList<>();
        List<SessionRecord> connection = new ArrayList<>();
        long sizeBytes = 0;
        long startUs = 0;
        try (SessionReader reader = SessionReader.open(file)) {
            for (SessionRecord piece = reader.next(); piece != null; piece = reader.next()) {
                connection.add(new SessionRecord(piece.direction(), piece.timeUs() - startUs, piece.bytes()));
                if (piece.isEnd()) {
                    startUs = piece.timeUs();
                    session.add(List.copyOf(connection));
                    connection.clear();
                }
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
        if (!connection.isEmpty()) {
            session.add(List.copyOf(connection));
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
        cancelQuiet();
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

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        cancelQuiet();
    }

    /** Goes on to the next piece of the camera's, when it is not waiting for anything. */
    private void advance(ChannelHandlerContext ctx) {
        if (ctx.isRemoved() || !isClientsTurnOver(ctx)) {
            return;
        }
        boolean canSend = ctx.channel().isWritable() && !camera.isSilent();
        if (pausing || !canSend) {
            return;
        }
        if (next == connection.size()) {
            close(ctx);
        } else if (due) {
            due = false;
            SessionRecord piece = connection.get(next++);
            if (piece.isEnd()) {
                close(ctx);
            } else {
                ctx.writeAndFlush(Unpooled.wrappedBuffer(piece.bytes()));
                advance(ctx);
            }
        } else {
            pause(ctx);
        }
    }

    /**
     * Whether the client has said what it says before the camera's next piece. A client that did not wait for an answer has said
     * its next turn early, which counts; but what is too much in each of its turns does not add up: a longer Host header,
     * request after request, would become an answer before its question.
     */
    private boolean isClientsTurnOver(ChannelHandlerContext ctx) {
        for (; next < connection.size() && isClients(connection.get(next)); next++) {
            expectedBytes += connection.get(next).bytes().length;
        }
        if (earlyBytes + receivedBytes < expectedBytes) {
            if (receivedBytes > 0 && quiet == null) {
                quiet = ctx.executor().schedule(() -> endClientsTurn(ctx), QUIET_MS, TimeUnit.MILLISECONDS);
            }
            return false;
        }
        if (expectedBytes > 0) {
            long missing = expectedBytes - receivedBytes;
            earlyBytes = missing > 0 ? earlyBytes - missing : -missing;
            expectedBytes = 0;
            receivedBytes = 0;
        }
        return true;
    }

    private static boolean isClients(SessionRecord piece) {
        return piece.direction() == Direction.TO_CAMERA && !piece.isEnd();
    }

    private void endClientsTurn(ChannelHandlerContext ctx) {
        quiet = null;
        receivedBytes = expectedBytes;
        advance(ctx);
    }

    private void cancelQuiet() {
        if (quiet != null) {
            quiet.cancel(false);
            quiet = null;
        }
    }

    /** For as long as the camera had taken since the record before. */
    private void pause(ChannelHandlerContext ctx) {
        long sinceUs = next == 0 ? 0 : connection.get(next - 1).timeUs();
        pausing = true;
        ctx.executor()
                .schedule(
                        () -> {
                            pausing = false;
                            due = true;
                            advance(ctx);
                        },
                        connection.get(next).timeUs() - sinceUs,
                        TimeUnit.MICROSECONDS);
    }

    private static void close(ChannelHandlerContext ctx) {
        // Behind what is still being sent, which ctx.close() would drop.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
}
