package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.Dialect.Reply;
import io.vbrelay.camera.Dialect.Step;
import io.vbrelay.camera.codec.FramingDetector;
import io.vbrelay.camera.codec.GramDecoder;
import io.vbrelay.camera.codec.GramLayout;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.session.CredentialMask;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dialogue a session begins with (spec, section 2.1): sends the dialect's lines or bare bytes, waits behind each for the
 * reply it may have, then makes way for the pictures.
 *
 * <p>A reply ends with the dialect's end byte, with silence or with its longest length; silence alone is no error, since
 * a field-used client ignores it. A reply that goes on for longer than the read timeout ends the session, and so does one that
 * a strict step did not expect. What arrives unasked is taken for the next reply or, behind the last line, left to the
 * decoder that follows, which skips it.
 */
final class TextPhaseHandler extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(TextPhaseHandler.class);

    private static final int LOGGED_REPLY_LENGTH = 60;

    private final NativeAddress address;
    private final CameraSettings settings;
    private final Dialect dialect;
    private final Iterator<Step> steps;

    private final Timeout quiet = new Timeout();
    private final Timeout deadline = new Timeout();
    /** Whose reply is awaited; the first from the start, so that what comes before it is sent belongs to it. */
    private @Nullable Step step;

    TextPhaseHandler(NativeAddress address, CameraSettings settings) {
        this.address = address;
        this.dialect = address.spoken();
        this.settings = dialect.frameTimeout() == null ? settings : settings.withReadTimeout(dialect.frameTimeout());
        this.steps = dialect.opening().iterator();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        goOn(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (step == null || step.reply() == null) {
            return;
        }
        Reply reply = step.reply();
        int end = reply.end() < 0 ? -1 : in.indexOf(in.readerIndex(), in.writerIndex(), (byte) reply.end());
        if (end >= 0) {
            endReply(ctx, in, step, end + 1 - in.readerIndex());
        } else if (in.readableBytes() >= reply.maxBytes()) {
            endReply(ctx, in, step, reply.maxBytes());
        } else {
            awaitQuiet(ctx, step, reply);
        }
    }

    /** Sends lines up to and with the next one that has a reply. */
    private void goOn(ChannelHandlerContext ctx) {
        while (steps.hasNext()) {
            Step next = steps.next();
            if (next.onlyWithUser() && address.login() == null) {
                continue;
            }
            ctx.write(Unpooled.wrappedBuffer(dialect.message(next, address.login())))
                    .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            if (next.reply() != null) {
                ctx.flush();
                step = next;
                awaitQuiet(ctx, next, next.reply());
                deadline.start(ctx, settings.readTimeout(), () -> giveUp(ctx));
                return;
            }
        }
        ctx.flush();
        finish(ctx);
    }

    private void awaitQuiet(ChannelHandlerContext ctx, Step asked, Reply reply) {
        quiet.start(ctx, reply.quiet(), () -> endReply(ctx, internalBuffer(), asked, actualReadableBytes()));
    }

    private void endReply(ChannelHandlerContext ctx, ByteBuf in, Step asked, int length) {
        quiet.cancel();
        deadline.cancel();
        byte[] bytes = ByteBufUtil.getBytes(in, in.readerIndex(), length);
        in.skipBytes(length);
        if (isAccepted(ctx, asked, bytes)) {
            goOn(ctx);
        }
    }

    private boolean isAccepted(ChannelHandlerContext ctx, Step asked, byte[] bytes) {
        Reply reply = asked.reply();
        if (reply == null || bytes.length == 0 || reply.isExpected(beginning(bytes))) {
            return true;
        }
        new CredentialMask(address.sentCredentials()).apply(bytes); // It may repeat what it was sent.
        String answer = "answered " + asked.name() + " with '"
                + beginning(bytes).replaceAll("[^ -~]", ".") + "', expected " + reply.expected();
        if (!reply.strict()) {
            // No louder: a peer that flaps or is no camera answers so with each attempt, and failures are told with
            // what was said.
            log.debug("{}: {}", address, answer);
            return true;
        }
        ctx.fireExceptionCaught(new CameraException(Kind.REFUSED, address.endpoint() + ": " + answer, null));
        return false;
    }

    private static String beginning(byte[] bytes) {
        return new String(bytes, 0, Math.min(bytes.length, LOGGED_REPLY_LENGTH), StandardCharsets.US_ASCII);
    }

    private void giveUp(ChannelHandlerContext ctx) {
        ctx.fireExceptionCaught(CameraException.silent(address, "text reply not ended", settings.readTimeout()));
    }

    /** What is left in the buffer goes to the decoder when this handler is removed. */
    private void finish(ChannelHandlerContext ctx) {
        GramLayout grams = dialect.grams();
        ByteToMessageDecoder decoder = switch (dialect.framing()) {
            case GRAM -> new GramDecoder(grams);
            case JPEG_SCAN -> new JpegScanner(grams.maxFrameBytes());
            case AUTO -> new FramingDetector(grams);
        };
        FrameDecoder frames =
                new FrameDecoder(settings.partialFrames(), grams.maxFrameBytes(), grams.frameIds(), dialect.repairs());
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addAfter(ctx.name(), "framing", decoder);
        pipeline.addAfter("framing", "frames", frames);
        pipeline.addAfter("frames", "init", new InitPhaseHandler(address, settings));
        pipeline.remove(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        quiet.cancel();
        deadline.cancel();
    }
}
