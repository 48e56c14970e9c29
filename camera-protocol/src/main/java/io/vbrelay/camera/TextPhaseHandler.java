package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vbrelay.camera.Dialect.Reply;
import io.vbrelay.camera.Dialect.Sent;
import io.vbrelay.camera.Dialect.TextStep;
import io.vbrelay.camera.codec.GramDecoder;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The text dialogue a session begins with (spec, section 2.1): sends the dialect's lines, waits behind each for the reply
 * it may have, then makes way for the messages.
 *
 * <p>A reply ends with the dialect's end byte, with silence or with its longest length; silence alone is no error, since
 * a field-used client ignores it. Only a reply that goes on for longer than the read timeout ends the session. What arrives
 * unasked is taken for the next reply or, behind the last line, left to the {@link GramDecoder}, which skips it.
 */
final class TextPhaseHandler extends ByteToMessageDecoder {
    private static final Logger log = LoggerFactory.getLogger(TextPhaseHandler.class);

    private static final int LOGGED_REPLY_LENGTH = 60;

    private final NativeAddress address;
    private final CameraSettings settings;
    private final Dialect.Text text;
    private final Iterator<TextStep> steps;

    private final Timeout quiet = new Timeout();
    private final Timeout deadline = new Timeout();
    private @Nullable TextStep step;

    TextPhaseHandler(NativeAddress address, CameraSettings settings) {
        this.address = address;
        this.settings = settings;
        this.text = address.spoken().text();
        this.steps = text.steps().iterator();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.fireChannelActive();
        goOn(ctx);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), text.replyEnd());
        if (end >= 0) {
            endReply(ctx, in, end + 1 - in.readerIndex());
        } else if (in.readableBytes() >= text.maxReplyBytes()) {
            endReply(ctx, in, text.maxReplyBytes());
        } else {
            awaitQuiet(ctx);
        }
    }

    /** Sends lines up to and with the next one that has a reply. */
    private void goOn(ChannelHandlerContext ctx) {
        while (steps.hasNext()) {
            TextStep next = steps.next();
            if (next.sent() == Sent.WITH_USER && address.login() == null) {
                continue;
            }
            ctx.write(Unpooled.wrappedBuffer(text.line(next, address.login())))
                    .addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            if (next.reply() != Reply.NONE) {
                ctx.flush();
                step = next;
                awaitQuiet(ctx);
                deadline.start(ctx, settings.readTimeout(), () -> giveUp(ctx));
                return;
            }
        }
        ctx.flush();
        finish(ctx);
    }

    private void awaitQuiet(ChannelHandlerContext ctx) {
        quiet.start(ctx, text.replyQuiet(), () -> endReply(ctx, internalBuffer(), actualReadableBytes()));
    }

    private void endReply(ChannelHandlerContext ctx, ByteBuf in, int length) {
        quiet.cancel();
        deadline.cancel();
        check(in.toString(in.readerIndex(), Math.min(length, LOGGED_REPLY_LENGTH), StandardCharsets.US_ASCII));
        in.skipBytes(length);
        goOn(ctx);
    }

    private void check(String reply) {
        if (step != null && step.reply() == Reply.STATUS && !reply.isEmpty() && !reply.startsWith("1")) {
            log.warn("{}: answered {} with '{}', expected 1...", address, step.line(), reply.replaceAll("[^ -~]", "."));
        }
    }

    private void giveUp(ChannelHandlerContext ctx) {
        ctx.fireExceptionCaught(CameraException.silent(address, "text reply not ended", settings.readTimeout()));
    }

    /** What is left in the buffer goes to the decoder when this handler is removed. */
    private void finish(ChannelHandlerContext ctx) {
        Dialect.Binary binary = address.spoken().binary();
        GramDecoder decoder = new GramDecoder(binary.frameIds(), binary.maxFrameBytes(), binary.maxOtherBytes());
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.addAfter(ctx.name(), "grams", decoder);
        pipeline.addAfter(
                "grams",
                "frames",
                new FrameDecoder(
                        address,
                        settings.partialFrames(),
                        binary.maxFrameBytes(),
                        binary.frameIds(),
                        EnumSet.allOf(Repair.class)));
        pipeline.addAfter("frames", "init", new InitPhaseHandler(address, settings, decoder));
        pipeline.remove(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        quiet.cancel();
        deadline.cancel();
    }
}
