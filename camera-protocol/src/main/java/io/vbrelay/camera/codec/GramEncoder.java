package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.MessageToMessageEncoder;
import java.util.List;

/** Puts the header before a {@link Gram}'s payload, which is passed on without being copied. */
@Sharable
public final class GramEncoder extends MessageToMessageEncoder<Gram> {
    public GramEncoder() {
        super(Gram.class);
    }

    @Override
    protected void encode(ChannelHandlerContext ctx, Gram gram, List<Object> out) {
        ByteBuf payload = gram.payload();
        ByteBuf header = ctx.alloc().buffer(Gram.HEADER_LENGTH);
        header.writeInt(gram.id() << 24).writeInt(payload.readableBytes());
        out.add(header);
        if (payload.isReadable()) {
            out.add(payload.retain());
        }
    }
}
