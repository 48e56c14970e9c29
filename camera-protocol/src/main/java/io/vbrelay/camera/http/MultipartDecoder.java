package io.vbrelay.camera.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.codec.JpegWalker;
import io.vbrelay.camera.codec.JpegWalker.Outcome;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts the body of a {@code multipart/x-mixed-replace} response into a {@link ByteBuf} for each picture (spec, sections 5.3
 * and 5.4).
 *
 * <pre>
 * --boundary CRLF  Content-Type: image/jpeg CRLF  Content-Length: n CRLF  CRLF  FF D8 FF … FF D9 CRLF  --boundary CRLF …
 * └ a line ───────┘└ lines, looked through for the length ─────────────────────┘└ picture ──────┘└ lines
 * </pre>
 *
 * <p>A picture begins at FF D8 FF, wherever that is, and its own markers say where it ends. So delimiters, headers, line ends
 * and lengths may be missing or wrong. They do one thing only: a picture that breaks off is cut where its part ended, at
 * the Content-Length if a delimiter is there, else at the last delimiter before the next picture. It is emitted as far as it
 * came; what becomes of it is not decided here.
 *
 * <p>A body that shows no delimiter within {@link #SEARCH_LIMIT} bytes isn't multipart, whatever the camera says: a
 * {@link JpegScanner} takes this handler's place.
 *
 * <p><b>Memory.</b> A line is kept until it ends, up to that limit; a picture is collected in one growing buffer, up to the
 * frame limit, and copied once, when its length is known. <b>Ownership.</b> The receiver releases what is emitted.
 */
public final class MultipartDecoder extends ByteToMessageDecoder {
    /** Bytes without a delimiter, in which case the body is taken for bare pictures (spec, section 5.3). */
    public static final int SEARCH_LIMIT = 65_536;

    /** Bytes from a delimiter to the next picture that are searched backwards; real part headers have about 60. */
    private static final int MAX_PART_HEAD_BYTES = 4096;

    private static final int MAX_LINE_CHARS = 256;
    private static final int SOI_LENGTH = 2;
    private static final int START = 0xFFD8FF;
    private static final byte FF = (byte) 0xFF;
    private static final byte LF = '\n';
    private static final byte CR = '\r';

    private static final Pattern BOUNDARY = Pattern.compile("boundary\\s*=\\s*\"?([^\";]*)", Pattern.CASE_INSENSITIVE);
    private static final Pattern LENGTH =
            Pattern.compile("content-length\\s*:\\s*([0-9]{1,9})", Pattern.CASE_INSENSITIVE);

    /** Without dashes of its own: cameras disagree on whether the two before a delimiter belong to it. */
    private final String boundary;

    /** The boundary behind two dashes, as it stands in the body. */
    private final String delimiter;

    private final int maxFrameBytes;
    private final JpegWalker walker;

    private boolean insidePicture;
    /** Bytes at the reader index that are a line's beginning and have been looked at. */
    private int searched;
    /** Of the part's header; -1 when it has none that can be true. */
    private int contentLength = -1;
    /** Bytes since the last delimiter, without the picture just read, behind which a delimiter may still follow. */
    private long undelimited;

    private int lastPictureLength;

    /**
     * @param contentType the response's header, with the boundary
     * @param maxFrameBytes longest picture
     */
    public MultipartDecoder(String contentType, int maxFrameBytes) {
        Matcher matcher = BOUNDARY.matcher(contentType);
        boundary = matcher.find() ? matcher.group(1).strip().replaceFirst("^-+", "") : "";
        delimiter = "--" + boundary;
        this.maxFrameBytes = maxFrameBytes;
        walker = new JpegWalker(maxFrameBytes);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (!insidePicture) {
            insidePicture = findPicture(in);
            if (undelimited + searched > SEARCH_LIMIT) {
                ctx.pipeline().replace(this, ctx.name(), new JpegScanner(maxFrameBytes));
                return;
            }
        }
        if (insidePicture) {
            readPicture(ctx, in, out);
        }
    }

    @Override
    protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        if (insidePicture && in.isReadable()) {
            take(ctx, in, lastDelimiter(in, in.readableBytes()), out);
        }
        in.skipBytes(in.readableBytes());
        searched = 0;
    }

    /** Reads lines up to a picture's first byte. */
    private boolean findPicture(ByteBuf in) {
        for (int at = in.readerIndex() + searched; at < in.writerIndex(); at++) {
            byte next = in.getByte(at);
            if (next == LF) {
                readLine(in, at + 1);
            } else if (next == FF) {
                if (in.writerIndex() - at < 3) {
                    searched = at - in.readerIndex();
                    return false;
                }
                if (in.getUnsignedMedium(at) == START) {
                    readLine(in, at);
                    undelimited += lastPictureLength;
                    lastPictureLength = 0;
                    walker.reset();
                    return true;
                }
            }
        }
        searched = in.readableBytes();
        return false;
    }

    private void readLine(ByteBuf in, int end) {
        int length = end - in.readerIndex();
        String line = in.toString(in.readerIndex(), Math.min(length, MAX_LINE_CHARS), ISO_8859_1)
                .strip();
        in.readerIndex(end);
        searched = 0;
        undelimited += length;
        if (line.contains(delimiter) || (line.equals(boundary) && !boundary.isEmpty())) {
            undelimited = 0;
            lastPictureLength = 0;
            contentLength = -1;
            return;
        }
        Matcher header = LENGTH.matcher(line);
        if (header.matches()) {
            contentLength = Integer.parseInt(header.group(1));
        }
    }

    private void readPicture(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        Outcome outcome = walker.walk(in, false);
        // No more than there is: a segment may say that it goes on behind the longest picture.
        int walked = outcome == Outcome.MORE ? walker.scanEnd() : Math.min(walker.end(), in.readableBytes());
        int partEnd = walked > contentLength ? endAtContentLength(in) : -1;
        if (partEnd > 0) {
            take(ctx, in, partEnd, out);
        } else if (outcome == Outcome.COMPLETE) {
            take(ctx, in, walked, out);
        } else if (outcome == Outcome.BROKEN) {
            take(ctx, in, lastDelimiter(in, walked), out);
        }
    }

    private void take(ChannelHandlerContext ctx, ByteBuf in, int length, List<Object> out) {
        out.add(ctx.alloc().directBuffer(length, length).writeBytes(in, length));
        insidePicture = false;
        lastPictureLength = length;
        contentLength = -1;
    }

    /** Where the part ends, if a delimiter is where its header says; else -1. */
    private int endAtContentLength(ByteBuf in) {
        if (contentLength < SOI_LENGTH) {
            return -1;
        }
        int at = in.readerIndex() + contentLength;
        while (at < in.writerIndex() && (in.getByte(at) == CR || in.getByte(at) == LF)) {
            at++;
        }
        boolean found = startsWith(in, at, delimiter) || (!boundary.isEmpty() && startsWith(in, at, boundary));
        return found ? at - in.readerIndex() - lineEndLength(in, at - 1) : -1;
    }

    /** Offset of the last delimiter before {@code end}, or of the line end before it; or {@code end}, when there is none. */
    private int lastDelimiter(ByteBuf in, int end) {
        if (boundary.isEmpty()) {
            return end; // Two dashes alone may be a part of the picture.
        }
        int from = Math.max(SOI_LENGTH, end - MAX_PART_HEAD_BYTES);
        for (int offset = end - delimiter.length(); offset >= from; offset--) {
            int at = in.readerIndex() + offset;
            if (startsWith(in, at, delimiter)) {
                return offset - lineEndLength(in, at - 1);
            }
        }
        return end;
    }

    private static int lineEndLength(ByteBuf in, int lastIndex) {
        if (in.getByte(lastIndex) != LF) {
            return 0;
        }
        return in.getByte(lastIndex - 1) == CR ? 2 : 1;
    }

    private static boolean startsWith(ByteBuf in, int at, String text) {
        if (in.writerIndex() - at < text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (in.getByte(at + i) != (byte) text.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
