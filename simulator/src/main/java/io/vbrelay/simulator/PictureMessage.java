package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Random;
import java.util.Set;

/**
 * The message that carries a picture, and how it goes wrong.
 *
 * <p>Written byte by byte, without the client's codec: that could not write what is wrong, and would hide its own mistakes.
 */
final class PictureMessage {
    private static final int FRAME_ID = 0x02;
    private static final int EOI_LENGTH = 2;
    private static final int LENGTH_ERROR = 17;
    private static final int MAX_RUBBISH_BYTES = 4096;

    private PictureMessage() {}

    /** The bytes to send, rubbish before the message included; the caller releases them. */
    static ByteBuf encode(ByteBufAllocator allocator, Picture picture, Set<Fault> faults) {
        // The same picture goes wrong in the same way each time.
        Random random = new Random(picture.number());
        ByteBuf out = allocator.buffer(picture.jpeg().length + 64);
        if (faults.contains(Fault.GARBAGE)) {
            byte[] rubbish = new byte[1 + random.nextInt(MAX_RUBBISH_BYTES)];
            random.nextBytes(rubbish);
            out.writeBytes(rubbish);
        }
        if (faults.contains(Fault.STRAY_GRAMS)) {
            writeHeader(out, 0x01, 0);
            writeHeader(out, 0x03, 5).writeZero(5);
            writeHeader(out, 0x7F, 1000).writeZero(1000);
        }
        if (faults.contains(Fault.TEXT_LINE)) {
            out.writeCharSequence(TextPhase.OK, US_ASCII);
        }
        int jpegLength = picture.jpeg().length - (faults.contains(Fault.NO_EOI) ? EOI_LENGTH : 0);
        int padding = faults.contains(Fault.PADDING) ? 1 + random.nextInt(MAX_RUBBISH_BYTES) : 0;
        writeHeader(out, FRAME_ID, jpegLength + padding + lengthError(faults));
        return out.writeBytes(picture.jpeg(), 0, jpegLength).writeZero(padding);
    }

    /** Where to cut a message of this many bytes: anywhere from before its first byte to before its last. */
    static int cutAt(long pictureNumber, int messageBytes) {
        return new Random(pictureNumber).nextInt(messageBytes);
    }

    private static int lengthError(Set<Fault> faults) {
        return (faults.contains(Fault.LENGTH_TOO_LONG) ? LENGTH_ERROR : 0)
                - (faults.contains(Fault.LENGTH_TOO_SHORT) ? LENGTH_ERROR : 0);
    }

    private static ByteBuf writeHeader(ByteBuf out, int id, int length) {
        return out.writeByte(id).writeZero(3).writeInt(length);
    }
}
