package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import java.util.List;

/**
 * Cuts a stream of JPEG files, one behind the other with anything between them, into a {@link ByteBuf} for each (spec,
 * section 3).
 *
 * <pre>
 * junk  FF D8 FF … FF D9  junk  FF D8 FF …          FF D8 FF … FF D9
 *       whole                   cut: no EOI before the next SOI
 * </pre>
 *
 * <p>A picture that breaks off is emitted as far as it came: what becomes of it is not decided here. Two pictures are never
 * joined.
 *
 * <p><b>Memory.</b> Bytes outside a picture are not kept. A picture is collected in one growing buffer, up to the frame limit,
 * and copied once, when its length is known. <b>Ownership.</b> The receiver releases what is emitted.
 */
public final class JpegScanner extends ByteToMessageDecoder {
    private final JpegWalker walker;
    private boolean insidePicture;

    /** @param maxFrameBytes longest picture, in bytes */
    public JpegScanner(int maxFrameBytes) {
        this.walker = new JpegWalker(maxFrameBytes);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!insidePicture) {
            insidePicture = hunt(in);
        }
        if (insidePicture && walker.walk(in, false) != Outcome.MORE) {
            int length = walker.end();
            out.add(ctx.alloc().directBuffer(length, length).writeBytes(in, length));
            insidePicture = false;
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (insidePicture && in.isReadable()) {
            out.add(ctx.alloc().directBuffer(in.readableBytes()).writeBytes(in));
            insidePicture = false;
        }
        in.skipBytes(in.readableBytes());
    }

    /** Whether a picture has begun and not ended. Only to be asked on the event loop. */
    public boolean isInsidePicture() {
        return insidePicture;
    }

    private boolean hunt(ByteBuf in) {
        int start = JpegWalker.indexOfStart(in);
        if (start < 0) {
            // The first two bytes of an FF D8 FF may be the last that came.
            in.skipBytes(Math.max(0, in.readableBytes() - 2));
            return false;
        }
        in.readerIndex(start);
        walker.reset();
        return true;
    }
}
