package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Random;
import java.util.Set;

/**
 * An endless or long answer of type {@code multipart/x-mixed-replace}, one part for each picture.
 *
 * <pre>
 * head
 * --boundary, Content-Type, Content-Length, empty line, JPEG, line end     for each picture
 * --boundary--
 * </pre>
 */
final class PartPacking implements PictureFeed.Packing {
    private static final int LENGTH_ERROR = 17;

    private final String boundary;
    private final String lineEnd;
    private boolean lacksDelimiter;

    /** @param faults of the whole answer */
    PartPacking(HttpSettings settings, Set<Fault> faults) {
        this.boundary = settings.boundary();
        this.lineEnd = faults.contains(Fault.LF_HEADERS) ? "\n" : HttpAnswer.CRLF;
        this.lacksDelimiter = faults.contains(Fault.NO_FIRST_BOUNDARY);
    }

    /** The header that announces the boundary. */
    static String contentType(HttpSettings settings, Set<Fault> faults) {
        boolean dashes = settings.dashesInHeader() || faults.contains(Fault.BOUNDARY_WITH_DASHES);
        String value = (dashes ? "--" : "") + settings.boundary();
        return "Content-Type: multipart/x-mixed-replace;boundary"
                + (faults.contains(Fault.BOUNDARY_BLANKS) ? " = " : "=")
                + (faults.contains(Fault.BOUNDARY_QUOTED) ? '"' + value + '"' : value);
    }

    @Override
    public ByteBuf pack(ByteBufAllocator allocator, Picture picture, Set<Fault> faults) {
        Random random = PictureMessage.random(picture);
        byte[] file = PictureMessage.file(picture, faults);
        ByteBuf out = allocator.buffer(file.length + 256);
        PictureMessage.writeRubbish(out, random, faults.contains(Fault.GARBAGE));
        String head = (lacksDelimiter ? "" : "--" + boundary + lineEnd)
                + "Content-Type: image/jpeg"
                + lineEnd
                + (faults.contains(Fault.EXTRA_HEADERS) ? "X-Weather: fine" + lineEnd + "x:" + lineEnd : "")
                + contentLength(file.length, faults)
                + lineEnd;
        lacksDelimiter = false;
        out.writeCharSequence(head, US_ASCII);
        out.writeBytes(file);
        PictureMessage.writeRubbish(out, random, faults.contains(Fault.GARBAGE_AFTER));
        if (!faults.contains(Fault.NO_NEWLINE_AFTER_JPEG)) {
            out.writeCharSequence(lineEnd, US_ASCII);
        }
        return out;
    }

    @Override
    public ByteBuf end(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer();
        out.writeCharSequence("--" + boundary + "--" + lineEnd, US_ASCII);
        return out;
    }

    private String contentLength(int bytes, Set<Fault> faults) {
        if (faults.contains(Fault.NO_CONTENT_LENGTH)) {
            return "";
        }
        if (faults.contains(Fault.CONTENT_LENGTH_NOT_A_NUMBER)) {
            return "Content-Length: many" + lineEnd;
        }
        int error = (faults.contains(Fault.CONTENT_LENGTH_TOO_BIG) ? LENGTH_ERROR : 0)
                - (faults.contains(Fault.CONTENT_LENGTH_TOO_SMALL) ? LENGTH_ERROR : 0);
        return "Content-Length: " + (bytes + error) + lineEnd;
    }
}
