package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.vbrelay.camera.session.CredentialMask;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * The first {@value #LIMIT} bytes of each direction of a session, for whoever has to find out what the camera speaks (spec,
 * section 1).
 *
 * <pre>
 * > 0.000 s  56 45 52 53 49 4f 4e 0a                          VERSION.
 * < 0.012 s  31 30 30 20 4f 4b 0a 00                          100 OK..
 * </pre>
 *
 * <p>Of the credentials only their length is kept, also where a camera of a native protocol repeats them in one piece, and so of every
 * query that an HTTP camera names: it may be the one it was asked with. <b>Threads.</b> The session's event loop.
 */
final class Transcript {
    static final int LIMIT = 256;

    private static final int LINE_BYTES = 16;

    /** Bytes of one direction, until the other one spoke. */
    private record Piece(char direction, long timeNs, ByteArrayOutputStream bytes) {}

    private final CredentialMask sentMask;
    private final CredentialMask receivedMask;
    private final boolean http;
    private final List<Piece> pieces = new ArrayList<>();
    private int sentBytes;
    private int receivedBytes;
    private boolean insideQuery;

    Transcript(CameraAddress address) {
        byte[] credentials = address instanceof NativeAddress camera ? camera.sentCredentials() : new byte[0];
        sentMask = new CredentialMask(credentials);
        receivedMask = new CredentialMask(credentials);
        http = address instanceof HttpAddress;
    }

    /** A handler that listens to one of the session's connections, where messages are the bytes of the wire. */
    ChannelHandler listener() {
        return new Listener();
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    /** In lines as drawn, without an end of line behind the last. */
    String text() {
        List<String> lines = new ArrayList<>();
        for (Piece piece : pieces) {
            String time = String.format(
                    Locale.ROOT,
                    "%.3f s",
                    (piece.timeNs() - pieces.get(0).timeNs()) / (double) TimeUnit.SECONDS.toNanos(1));
            byte[] bytes = piece.bytes().toByteArray();
            for (int at = 0; at < bytes.length; at += LINE_BYTES) {
                byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + LINE_BYTES));
                String hex = HexFormat.ofDelimiter(" ").formatHex(part);
                String characters = new String(part, US_ASCII).replaceAll("[^ -~]", ".");
                lines.add("%c %8s  %-47s  %s".formatted(piece.direction(), time, hex, characters));
            }
        }
        return String.join("\n", lines);
    }

    private void sent(ChannelHandlerContext ctx, byte[] bytes) {
        sentMask.apply(bytes);
        keep(ctx, '>', bytes, LIMIT - sentBytes);
        sentBytes += bytes.length;
    }

    private void received(ChannelHandlerContext ctx, byte[] bytes) {
        receivedMask.apply(bytes);
        if (http) {
            maskQueries(bytes);
        }
        keep(ctx, '<', bytes, LIMIT - receivedBytes);
        receivedBytes += bytes.length;
    }

    /** From behind each {@code ?} to the next blank or line end: a request has neither within its query. */
    private void maskQueries(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            boolean blank = bytes[i] >= 0 && bytes[i] <= ' ';
            if (blank) {
                insideQuery = false;
            } else if (insideQuery) {
                bytes[i] = '*';
            } else {
                insideQuery = bytes[i] == '?';
            }
        }
    }

    private void keep(ChannelHandlerContext ctx, char direction, byte[] bytes, int room) {
        int length = Math.min(bytes.length, room);
        if (length <= 0) {
            return;
        }
        Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
        if (last == null || last.direction() != direction) {
            last = new Piece(direction, ctx.executor().ticker().nanoTime(), new ByteArrayOutputStream());
            pieces.add(last);
        }
        last.bytes().write(bytes, 0, length);
    }

    private final class Listener extends ChannelDuplexHandler {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (receivedBytes < LIMIT && message instanceof ByteBuf buffer) {
                received(ctx, ByteBufUtil.getBytes(buffer));
            }
            ctx.fireChannelRead(message);
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            if (sentBytes < LIMIT && message instanceof ByteBuf buffer) {
                sent(ctx, ByteBufUtil.getBytes(buffer));
            }
            ctx.write(message, promise);
        }
    }
}
