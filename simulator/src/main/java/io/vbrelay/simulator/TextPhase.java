package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vbrelay.camera.codec.GramDecoder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dialogue in lines with which a session begins (spec, section 7.2), until {@code START} makes it binary; or
 * what a client of 2007's kind sends instead.
 *
 * <p>The replies' words are our own invention, but for "100". {@code 100 OK}, LF, NUL is 8 bytes on purpose: who takes it
 * for a message's header sees an impossible length.
 */
final class TextPhase extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(TextPhase.class);

    static final String OK = "100 OK\n\0";
    private static final String RAW_OK = "100\n";
    private static final String UNKNOWN = "400 Unknown\n\0";
    private static final String SUPER = "SUPER ";
    private static final int MAX_LINE_BYTES = 1000;
    private static final int LATE_REPLY_MS = 500;

    private final SimulatedCamera camera;

    /** Whether it is sure that this client sends lines. */
    private boolean spoken;

    private boolean loggedIn;

    TextPhase(SimulatedCamera camera) {
        this.camera = camera;
    }

    /** Lines end with LF and nothing else: a credential may hold a CR. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!spoken) {
            int handshake = RawPhase.handshake(in);
            if (handshake > 0) {
                in.skipBytes(handshake);
                goRaw(ctx);
            }
            if (handshake != 0) {
                return;
            }
            spoken = true;
        }
        int length = in.bytesBefore((byte) '\n');
        if (length > MAX_LINE_BYTES || (length < 0 && in.readableBytes() > MAX_LINE_BYTES)) {
            in.skipBytes(in.readableBytes());
            log.debug("{}: closed, a line exceeds {} bytes", ctx.channel().remoteAddress(), MAX_LINE_BYTES);
            ctx.close();
        } else if (length >= 0) {
            byte[] line = ByteBufUtil.getBytes(in, in.readerIndex(), length);
            in.skipBytes(length + 1);
            obey(ctx, line);
        }
    }

    private void obey(ChannelHandlerContext ctx, byte[] line) {
        String command = new String(line, ISO_8859_1).toUpperCase(Locale.ROOT);
        if (command.startsWith(SUPER)) {
            logIn(ctx, new String(line, SUPER.length(), line.length - SUPER.length(), ISO_8859_1));
        } else if (command.equals("START")) {
            start(ctx);
        } else if (command.equals("VERSION")) {
            reply(ctx, camera.settings().video().versionReply());
        } else if (command.equals("GET MUXCONF")) {
            reply(ctx, camera.settings().video().muxconfReply());
        } else if (!command.startsWith("SET ")) {
            reply(ctx, UNKNOWN);
        }
    }

    private void logIn(ChannelHandlerContext ctx, String credential) {
        Login login = camera.settings().login();
        loggedIn = login != null && login.accepts(credential.getBytes(ISO_8859_1));
        if (login != null && !loggedIn) {
            log.warn("{}: wrong credential, expected that of {}", ctx.channel().remoteAddress(), login);
        }
    }

    private void start(ChannelHandlerContext ctx) {
        Login login = camera.settings().login();
        if (login != null && login.enforced() && !loggedIn) {
            ctx.close();
            return;
        }
        PictureFeed feed =
                PictureFeed.onRequest(camera, PictureMessage::gram, Fault.Place.PICTURE, Fault.Place.MESSAGE);
        ctx.pipeline()
                .addAfter(ctx.name(), null, feed)
                .addAfter(ctx.name(), null, new BinaryPhase(camera.settings().video(), feed))
                .addAfter(ctx.name(), null, newRequestDecoder())
                .remove(this);
    }

    /** A client of 2007's kind hears "100" and asks in its own way from then on. */
    private void goRaw(ChannelHandlerContext ctx) {
        boolean bare = camera.settings().video().rawFrames() == VideoSettings.RawFrames.BARE;
        PictureFeed feed = bare
                ? PictureFeed.onRequest(camera, PictureMessage::bare, Fault.Place.PICTURE)
                : PictureFeed.onRequest(camera, PictureMessage::gram, Fault.Place.PICTURE, Fault.Place.MESSAGE);
        write(ctx, RAW_OK);
        ctx.pipeline()
                .addAfter(ctx.name(), null, feed)
                .addAfter(ctx.name(), null, new RawPhase(feed))
                .remove(this);
    }

    /** A client sends no pictures, so no id is a frame's. */
    private static GramDecoder newRequestDecoder() {
        return new GramDecoder(Set.of(), GramDecoder.MAX_FRAME_BYTES, GramDecoder.MAX_OTHER_BYTES);
    }

    private void reply(ChannelHandlerContext ctx, String text) {
        String sent = camera.faults().isInForce(Fault.MISSING_NUL) ? text.replace("\0", "") : text;
        if (camera.faults().isInForce(Fault.LATE_REPLY)) {
            ctx.executor().schedule(() -> write(ctx, sent), LATE_REPLY_MS, TimeUnit.MILLISECONDS);
        } else {
            write(ctx, sent);
        }
    }

    private void write(ChannelHandlerContext ctx, String text) {
        if (!camera.isSilent()) {
            ctx.writeAndFlush(ByteBufUtil.writeAscii(ctx.alloc(), text));
        }
    }
}
