package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.soi;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class VbHeaderTest {
    private static final byte[] FILE = concat(soi(), Pictures.VB_BLOCK);

    @Test
    void vectorOfTheSpecIsRead() {
        assertThat(VbHeader.read(Unpooled.wrappedBuffer(FILE)))
                .isEqualTo(new VbHeader(Instant.parse("2007-01-22T00:00:00Z"), 0, 0, 41.26, 6));
    }

    @Test
    void leftAndDownAreNegative() {
        byte[] file = with(10, 0x03E8, 12, 0x2328); // pan 1000 and tilt 9000 hundredths, from -180 degrees on
        VbHeader header = requireNonNull(VbHeader.read(Unpooled.wrappedBuffer(file)));
        assertThat(header.panDegrees()).isEqualTo(-170.0);
        assertThat(header.tiltDegrees()).isEqualTo(-90.0);
    }

    @Test
    void millisecondsCountInFormatsTwoAndThreeOnly() {
        assertThat(captureTime(1)).isEqualTo(Instant.parse("2007-01-22T00:00:00Z"));
        assertThat(captureTime(2)).isEqualTo(Instant.parse("2007-01-22T00:00:00.999Z"));
        assertThat(captureTime(3)).isEqualTo(Instant.parse("2007-01-22T00:00:00.999Z"));
        assertThat(captureTime(4)).isEqualTo(Instant.parse("2007-01-22T00:00:00Z"));
    }

    @Test
    void otherFilesHaveNone() {
        assertThat(VbHeader.read(Unpooled.wrappedBuffer(Pictures.jfif(16, 16)))).isNull();
        for (int length = 0; length < FILE.length; length++) {
            assertThat(VbHeader.read(Unpooled.wrappedBuffer(FILE, 0, length))).isNull();
        }
    }

    private static Instant captureTime(int format) {
        byte[] file = with(34, format << 8, 40, 999);
        return requireNonNull(VbHeader.read(Unpooled.wrappedBuffer(file))).captureTime();
    }

    /** Offsets in the file, 16 bits each. */
    private static byte[] with(int offset, int value, int otherOffset, int otherValue) {
        byte[] file = FILE.clone();
        Unpooled.wrappedBuffer(file).setShort(offset, value).setShort(otherOffset, otherValue);
        return file;
    }
}
