package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.codec.Gram;
import io.vbrelay.simulator.VideoSettings.InitReply;
import io.vbrelay.simulator.VideoSettings.Pipelining;
import java.util.HexFormat;
import java.util.Set;

/** A session that asks for pictures, one message for each (spec, section 7.2). */
final class BinaryPhase extends SimpleChannelInboundHandler<Gram> {
    private static final int REQUEST = 0x85;
    private static final int SET_SIZE = 0x88;
    private static final int SET_SIZE_LENGTH = 4;

    /** What the known client sends before its first request, and nobody knows why. */
    private static final Set<Integer> INIT_IDS = Set.of(0x87, 0x8C, 0x8D, 0x91);

    private final VideoSettings settings;
    private final PictureFeed feed;

    BinaryPhase(VideoSettings settings, PictureFeed feed) {
        this.settings = settings;
        this.feed = feed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        if (!settings.startGram().isEmpty()) {
            ctx.writeAndFlush(Unpooled.wrappedBuffer(HexFormat.of().parseHex(settings.startGram())));
        }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Gram gram) {
        ByteBuf payload = gram.payload();
        if (gram.id() == REQUEST) {
            feed.request(ctx, settings.pipelining() == Pipelining.QUEUE ? 2 : 1);
        } else if (gram.id() == SET_SIZE && payload.readableBytes() == SET_SIZE_LENGTH) {
            feed.resize(ctx, nearest(payload));
        } else if (INIT_IDS.contains(gram.id()) && settings.initReply() == InitReply.ECHO) {
            ByteBuf echo = ctx.alloc().buffer();
            echo.writeByte(gram.id())
                    .writeZero(3)
                    .writeInt(payload.readableBytes())
                    .writeBytes(payload);
            ctx.writeAndFlush(echo);
        }
    }

    private static PictureSize nearest(ByteBuf payload) {
        return PictureSizes.nearest(payload.readUnsignedShort(), payload.readUnsignedShort());
    }
}
