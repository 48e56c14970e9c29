package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a Canon camera writes into the APP0 block of every picture (facts, section a.3).
 *
 * <pre>
 * offset from the FF of APP0, big endian
 *  0  FF E0 00 3E 'V' 'B'       10  tilt, (degrees + 180) * 100     23  model
 *  8  pan, (degrees + 180)*100  12  zoom, degrees * 100             32  file format, 1 to 4
 *                               16  seconds since 1970, UTC         38  milliseconds, in formats 2 and 3
 * </pre>
 *
 * @param captureTime when the picture was taken, by the camera's clock; whole seconds on the VB-C10
 * @param panDegrees 0 is the front, right is positive
 * @param tiltDegrees 0 is level, up is positive
 * @param zoomDegrees horizontal angle of view
 * @param model Canon's model number, for example 3 for the VB-C10 and 6 for the VB-C50i
 */
public record VbHeader(Instant captureTime, double panDegrees, double tiltDegrees, double zoomDegrees, int model) {
    /** Where the block starts in a file: behind the SOI. */
    private static final int OFFSET = 2;

    private static final int LENGTH = 64;
    private static final int MARKER_AND_LENGTH = 0xFFE0_003E;
    private static final int VB = 0x5642;

    /** The block of the JPEG file that starts at the buffer's reader index, or null when it has none. */
    static @Nullable VbHeader read(ByteBuf jpeg) {
        int at = jpeg.readerIndex() + OFFSET;
        if (jpeg.readableBytes() < OFFSET + LENGTH
                || jpeg.getInt(at) != MARKER_AND_LENGTH
                || jpeg.getUnsignedShort(at + 4) != VB) {
            return null;
        }
        int format = jpeg.getUnsignedByte(at + 32);
        int millis = format == 2 || format == 3 ? jpeg.getUnsignedShort(at + 38) : 0;
        return new VbHeader(
                Instant.ofEpochSecond(jpeg.getUnsignedInt(at + 16)).plusMillis(millis),
                degrees(jpeg.getUnsignedShort(at + 8) - 18_000),
                degrees(jpeg.getUnsignedShort(at + 10) - 18_000),
                degrees(jpeg.getUnsignedShort(at + 12)),
                jpeg.getUnsignedByte(at + 23));
    }

    private static double degrees(int hundredths) {
        return hundredths / 100.0;
    }
}
