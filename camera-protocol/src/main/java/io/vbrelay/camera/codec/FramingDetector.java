package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/**
 * Decides on a stream's first bytes how it is cut, then makes way for that decoder: {@link JpegScanner} when they start a
 * JPEG, else {@link GramDecoder}, which finds its messages, and pictures without a header too, behind whatever comes first.
 */
public final class FramingDetector extends ByteToMessageDecoder {
    private static final int START_BYTES = 3;

    private final GramLayout layout;

    public FramingDetector(GramLayout layout) {
        this.layout = layout;
    }

    /** What is in the buffer goes to the decoder when this handler is removed. */
    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (in.readableBytes() >= START_BYTES) {
            boolean isJpeg = JpegWalker.indexOfStart(in) == in.readerIndex();
            ctx.pipeline()
                    .replace(
                            this,
                            ctx.name(),
                            isJpeg ? new JpegScanner(layout.maxFrameBytes()) : new GramDecoder(layout));
        }
    }
}
