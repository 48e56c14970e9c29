package io.vbrelay.relay.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Instant;
import java.util.Locale;

/**
 * Frames JPEGs for multipart/x-mixed-replace.
 *
 * <p>A delimiter ends each part instead of beginning it, and one stands alone at the start: a browser shows a picture when it sees
 * the delimiter after it, which would otherwise come with the next picture, one frame period late.
 */
public final class MjpegPart {
    private static final String DELIMITER = "--" + Format.BOUNDARY + "\r\n";
    private static final int HEADERS_BYTES = 160;

    private MjpegPart() {}

    /** What a stream begins with. */
    public static MediaPacket header(long nowNs) {
        ByteBuf delimiter = ByteBufAllocator.DEFAULT.directBuffer(DELIMITER.length());
        ByteBufUtil.writeAscii(delimiter, DELIMITER);
        return new MediaPacket(MediaPacket.Kind.HEADER, delimiter, nowNs);
    }

    /** A camera's picture as a part, ready for the wire; the JPEG is lent. Each part can start a viewer. */
    public static MediaPacket of(ByteBuf jpeg, long arrivalNs, Instant arrival) {
        return of(jpeg, arrivalNs, arrival, true);
    }

    /** The same of a picture that was drawn here. */
    public static MediaPacket drawn(ByteBuf jpeg, long drawnNs, Instant drawn) {
        return of(jpeg, drawnNs, drawn, false);
    }

    private static MediaPacket of(ByteBuf jpeg, long arrivalNs, Instant arrival, boolean fresh) {
        ByteBuf part = ByteBufAllocator.DEFAULT.directBuffer(HEADERS_BYTES + jpeg.readableBytes());
        ByteBufUtil.writeAscii(
                part,
                String.format(
                        Locale.ROOT,
                        "Content-Type: image/jpeg\r\nContent-Length: %d\r\nX-Timestamp: %d.%03d\r\n\r\n",
                        jpeg.readableBytes(),
                        arrival.getEpochSecond(),
                        arrival.getNano() / 1_000_000));
        part.writeBytes(jpeg, jpeg.readerIndex(), jpeg.readableBytes());
        ByteBufUtil.writeAscii(part, "\r\n" + DELIMITER);
        return new MediaPacket(MediaPacket.Kind.KEYFRAME, part, arrivalNs, fresh);
    }
}
