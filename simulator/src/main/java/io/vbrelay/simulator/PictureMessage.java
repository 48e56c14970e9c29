package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;

/**
 * A picture on the wire of the native video port, and how it goes wrong.
 *
 * <p>Written byte by byte, without the client's codec: that could not write what is wrong, and would hide its own mistakes.
 */
final class PictureMessage {
    private static final int FRAME_ID = 0x02;
    private static final int EOI_LENGTH = 2;
    private static final int LENGTH_ERROR = 17;
    private static final int HUGE_LENGTH = 0x7FFF_FFF0;
    private static final int HEADER_RUBBISH = 0x01_02_03;
    private static final int MAX_RUBBISH_BYTES = 4096;

    private PictureMessage() {}

    /** A message with its header. */
    static ByteBuf gram(ByteBufAllocator allocator, Picture picture, Set<Fault> faults) {
        Random random = random(picture);
        byte[] file = file(picture, faults);
        ByteBuf out = allocator.buffer(file.length + 64);
        writeRubbish(out, random, faults.contains(Fault.GARBAGE));
        if (faults.contains(Fault.STRAY_GRAMS)) {
            writeHeader(out, 0x01, 0, 0);
            writeHeader(out, 0x03, 0, 5).writeZero(5);
            writeHeader(out, 0x7F, 0, 1000).writeZero(1000);
        }
        if (faults.contains(Fault.TEXT_LINE)) {
            out.writeCharSequence(TextPhase.OK, US_ASCII);
        }
        int second = faults.contains(Fault.HEADER_BYTES) ? HEADER_RUBBISH : 0;
        writeHeader(out, FRAME_ID, second, length(file.length, faults)).writeBytes(file);
        writeRubbish(out, random, faults.contains(Fault.GARBAGE_AFTER));
        return out;
    }

    /** The file and nothing else. */
    static ByteBuf bare(ByteBufAllocator allocator, Picture picture, Set<Fault> faults) {
        Random random = random(picture);
        byte[] file = file(picture, faults);
        ByteBuf out = allocator.buffer(file.length + 64);
        writeRubbish(out, random, faults.contains(Fault.GARBAGE));
        out.writeBytes(file);
        writeRubbish(out, random, faults.contains(Fault.GARBAGE_AFTER));
        return out;
    }

    /** The JPEG file with all that is wrong in it, down to what stands where its end should be. */
    static byte[] file(Picture picture, Set<Fault> faults) {
        byte[] jpeg = JpegFaults.apply(picture, faults);
        if (faults.contains(Fault.NO_EOI)) {
            jpeg = Arrays.copyOf(jpeg, jpeg.length - EOI_LENGTH);
        }
        if (faults.contains(Fault.DOUBLE_EOI)) {
            jpeg = Arrays.copyOf(jpeg, jpeg.length + EOI_LENGTH);
            jpeg[jpeg.length - 2] = (byte) 0xFF;
            jpeg[jpeg.length - 1] = (byte) 0xD9;
        }
        if (faults.contains(Fault.PADDING)
                || faults.contains(Fault.PADDING_FF)
                || faults.contains(Fault.PADDING_RANDOM)) {
            Random random = random(picture);
            byte[] padding = new byte[1 + random.nextInt(MAX_RUBBISH_BYTES)];
            if (faults.contains(Fault.PADDING_RANDOM)) {
                random.nextBytes(padding);
            } else if (faults.contains(Fault.PADDING_FF)) {
                Arrays.fill(padding, (byte) 0xFF);
            }
            int end = jpeg.length;
            jpeg = Arrays.copyOf(jpeg, end + padding.length);
            System.arraycopy(padding, 0, jpeg, end, padding.length);
        }
        return jpeg;
    }

    static ByteBuf writeRubbish(ByteBuf out, Random random, boolean isWanted) {
        if (isWanted) {
            byte[] rubbish = new byte[1 + random.nextInt(MAX_RUBBISH_BYTES)];
            random.nextBytes(rubbish);
            out.writeBytes(rubbish);
        }
        return out;
    }

    /** The same picture goes wrong in the same way each time. */
    static Random random(Picture picture) {
        return new Random(picture.number());
    }

    /** Where to cut a message of this many bytes: anywhere from before its first byte to before its last. */
    static int cutAt(long pictureNumber, int messageBytes) {
        return new Random(pictureNumber).nextInt(messageBytes);
    }

    private static int length(int fileBytes, Set<Fault> faults) {
        if (faults.contains(Fault.LENGTH_HUGE)) {
            return HUGE_LENGTH;
        }
        return fileBytes
                + (faults.contains(Fault.LENGTH_TOO_LONG) ? LENGTH_ERROR : 0)
                - (faults.contains(Fault.LENGTH_TOO_SHORT) ? LENGTH_ERROR : 0);
    }

    private static ByteBuf writeHeader(ByteBuf out, int id, int next, int length) {
        return out.writeByte(id).writeMedium(next).writeInt(length);
    }
}
