package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.Random;

/**
 * What a Canon camera writes between SOI and the tables (facts, section a.3): an APP0 block of 64 bytes, then 246 bytes that
 * begin with an APP7 marker of the illegal length 0.
 *
 * <pre>
 *    0  FF E0 00 3E 'V' 'B'  trigger  camera
 *    8  pan.2  tilt.2  zoom.2  exposure.2            0.01 degrees; pan and tilt have 180 degrees added
 *   16  time.4  zone.2  quality  model                seconds since 1970; minutes from GMT
 *   24  inputs.4  outputs.4
 *   32  format  -  width.2  height.2  ms.2
 *   40  -.4  mac.3  extension.17
 *   64  FF E7 00 00  zeros.242                          or what the settings say
 * </pre>
 */
final class VbBlock {
    static final int LENGTH = 64;
    static final int RESERVED_LENGTH = 246;

    /** Where the seconds and where width and height are. */
    static final int TIME_AT = 16;

    static final int SIZE_AT = 34;
    private static final int FORMAT_WITH_MILLISECONDS = 2;

    private VbBlock() {}

    static byte[] bytes(ChartSettings settings, PictureSize size, Instant captureTime, Position position) {
        CameraModel model = settings.model();
        ByteBuffer block = ByteBuffer.allocate(LENGTH + RESERVED_LENGTH);
        block.putShort((short) 0xFFE0)
                .putShort((short) (LENGTH - 2))
                .put((byte) 'V')
                .put((byte) 'B');
        block.put((byte) 0).put((byte) 1);
        block.putShort((short) Position.hundredths(position.panDegrees() + 180));
        block.putShort((short) Position.hundredths(position.tiltDegrees() + 180));
        block.putShort((short) Position.hundredths(position.zoomDegrees()));
        block.putShort((short) 1);
        block.putInt((int) captureTime.getEpochSecond()).putShort((short) 0);
        block.put((byte) settings.quality()).put((byte) model.number());
        block.putInt(0).putInt(0);
        block.put((byte) model.fileFormat()).put((byte) 0);
        block.putShort((short) size.width()).putShort((short) size.height());
        if (model.fileFormat() == FORMAT_WITH_MILLISECONDS) {
            block.putShort((short) captureTime.get(ChronoField.MILLI_OF_SECOND));
        }
        block.putShort(LENGTH, (short) 0xFFE7);
        switch (settings.reservedFill()) {
            case ZEROS -> {}
            case LEGAL_LENGTH -> block.putShort(LENGTH + 2, (short) (RESERVED_LENGTH - 2));
            case RANDOM -> {
                byte[] junk = new byte[RESERVED_LENGTH - 4];
                new Random(captureTime.toEpochMilli()).nextBytes(junk);
                block.put(LENGTH + 4, junk);
            }
        }
        return block.array();
    }
}
