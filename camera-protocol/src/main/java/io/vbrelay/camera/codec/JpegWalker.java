package io.vbrelay.camera.codec;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of one JPEG picture by walking its markers, and remembers what a repair needs to know (spec, section 3).
 *
 * <pre>
 * FF D8 | FF m  L L ... | FF m  L L ... | FF DA  L L ... | entropy-coded bytes, FF 00 stuffed | FF D9
 * SOI     segment         segment         SOS              FF D0 to FF D7 restart               EOI
 * </pre>
 *
 * <p>A segment is skipped by its length, so a thumbnail inside one is no picture. A length that cannot be true starts a
 * search for the next segment that looks right. Canon's reserved APP7 region has a length of zero and is skipped as
 * documented (facts, section a.3).
 *
 * <p><b>Use.</b> {@link #reset}, then {@link #walk} with a buffer whose reader index is at the picture's SOI, again with
 * the same bytes and more behind them for as long as the answer is {@link Outcome#MORE}. The buffer's indices are not
 * moved. Every byte is examined a bounded number of times, whatever the chunks.
 *
 * <p><b>Units.</b> All offsets are in bytes from the SOI. <b>Threads.</b> None of its own; not thread-safe.
 */
public final class JpegWalker {
    /** Bytes before the first scan; beyond that it is no camera's picture (spec, section 3). */
    public static final int MAX_HEADER_BYTES = 256 * 1024;

    /** Canon's reserved region, from the FF of its APP7 marker to the next marker (facts, section a.3). */
    public static final int CANON_RESERVED_LENGTH = 246;

    /** What is known after a walk. */
    public enum Outcome {
        /** The picture has not ended yet. */
        MORE,
        /** SOI, SOF, SOS and EOI are there; {@link #end} is the picture's length. */
        COMPLETE,
        /** This is no complete picture; {@link #end} is where to search for the next one. */
        BROKEN
    }

    private enum State {
        MARKER,
        ENTROPY,
        RESYNC,
        COMPLETE,
        BROKEN
    }

    private static final int TEM = 0x01;
    private static final int SOF0 = 0xC0;
    private static final int DHT = 0xC4;
    private static final int JPG = 0xC8;
    private static final int DAC = 0xCC;
    private static final int RST0 = 0xD0;
    private static final int RST7 = 0xD7;
    private static final int SOI = 0xD8;
    private static final int EOI = 0xD9;
    private static final int SOS = 0xDA;
    private static final int DQT = 0xDB;
    private static final int DRI = 0xDD;
    private static final int EXP = 0xDF;
    private static final int APP0 = 0xE0;
    private static final int APP7 = 0xE7;
    private static final int APP15 = 0xEF;
    private static final int COM = 0xFE;
    private static final int FF = 0xFF;

    /** SOI and the FF of the marker behind it. */
    private static final int START = 0xFFD8FF;

    private static final int SOI_LENGTH = 2;
    /** Marker and length. */
    private static final int SEGMENT_HEAD_LENGTH = 4;
    /** Behind the SOI and the 64 bytes of Canon's APP0 (facts, section a.3). */
    private static final int CANON_RESERVED_OFFSET = 66;
    /** SOI, APP0, its length of 62, "VB": what every file with Canon's reserved region starts with. */
    private static final long VB_START = 0xFFD8_FFE0_003E_5642L;

    private final int maxBytes;

    private State state = State.MARKER;
    private int position;
    /** Behind the marker and the length of the segment entered last, whose length may have been a lie. */
    private int resyncFrom;

    private int end;
    private int scanEnd;
    private boolean scanSeen;
    private boolean lengthLied;
    private int huffmanTables;
    private int frameHeader;
    private int zeroLengthApp7;
    private int sofMarker;
    private int precision;
    private int width;
    private int height;
    private int components;

    /** @param maxBytes longest picture, in bytes */
    public JpegWalker(int maxBytes) {
        this.maxBytes = maxBytes;
        reset();
    }

    /** Index of the next FF D8 FF at or behind the reader index, or -1: a picture may start there. */
    public static int indexOfStart(ByteBuf in) {
        int end = in.writerIndex() - 2;
        int at = in.readerIndex();
        while (at < end) {
            at = in.indexOf(at, end, (byte) FF);
            if (at < 0) {
                return -1;
            }
            if (in.getUnsignedMedium(at) == START) {
                return at;
            }
            at++;
        }
        return -1;
    }

    /** Forgets the picture; the next walk begins at another SOI. */
    public void reset() {
        state = State.MARKER;
        position = SOI_LENGTH;
        resyncFrom = SOI_LENGTH;
        end = 0;
        scanEnd = 0;
        scanSeen = false;
        lengthLied = false;
        huffmanTables = -1;
        frameHeader = -1;
        zeroLengthApp7 = -1;
    }

    /**
     * Goes on as far as the bytes allow.
     *
     * @param in its reader index is at the SOI
     * @param last no byte will follow: a segment that runs past the end lies, and a picture that has not ended never will
     */
    public Outcome walk(ByteBuf in, boolean last) {
        boolean advanced;
        do {
            if (position > limit()) {
                giveUpTooLong(limit());
            }
            advanced = switch (state) {
                case MARKER -> readMarker(in, last);
                case ENTROPY -> readEntropy(in);
                case RESYNC -> resync(in, last);
                case COMPLETE, BROKEN -> false;
            };
        } while (advanced);
        if (last && state != State.COMPLETE && state != State.BROKEN) {
            giveUp(in.readableBytes());
        }
        return switch (state) {
            case COMPLETE -> Outcome.COMPLETE;
            case BROKEN -> Outcome.BROKEN;
            default -> Outcome.MORE;
        };
    }

    /** Length of a complete picture, or where to go on searching after a broken one. */
    public int end() {
        return end;
    }

    /** Behind the last entropy-coded byte seen, where an EOI makes a broken picture whole; 0 when there was none. */
    public int scanEnd() {
        return scanEnd;
    }

    /** Offset of the first SOF marker, or -1. */
    public int frameHeader() {
        return frameHeader;
    }

    /** Pixels; 0 when the picture leaves its height to a DNL segment. */
    public int height() {
        return height;
    }

    /** Pixels. */
    public int width() {
        return width;
    }

    /** Whether this is a picture the standard Huffman tables fit: SOF0, 8 bits, at most three components. */
    public boolean isBaseline() {
        return sofMarker == SOF0 && precision == 8 && components <= 3;
    }

    /** What few decoders know about how this picture is coded (ITU-T T.81, table B.1), or null when it is SOF0, 1 or 2. */
    public @Nullable String rareCoding() {
        return switch (sofMarker) {
            case 0xC3 -> "lossless coding (SOF3)";
            case 0xC5, 0xC6, 0xC7 -> "hierarchical coding (SOF" + (sofMarker - SOF0) + ")";
            case 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF -> "arithmetic coding (SOF" + (sofMarker - SOF0) + ")";
            default -> null;
        };
    }

    /** Whether a sound DHT segment came before the first scan. */
    public boolean hasHuffmanTables() {
        return huffmanTables >= 0;
    }

    /** Whether a length was not believed, so that something was searched for: with other bytes around, it may not be found. */
    public boolean isDoubtful() {
        return lengthLied;
    }

    /** Offset of Canon's APP7 marker with its impossible length, or -1. */
    public int zeroLengthApp7() {
        return zeroLengthApp7;
    }

    private boolean readMarker(ByteBuf in, boolean last) {
        if (!has(in, position, 2)) {
            return awaitMore(last);
        }
        int code = unsigned(in, position + 1);
        if (unsigned(in, position) != FF) {
            return startResync();
        }
        if (code == FF) {
            position++;
            return true;
        }
        if (code == TEM || isRestart(code)) {
            position += 2;
            return true;
        }
        if (code == SOI) {
            return giveUp(position);
        }
        if (code == EOI) {
            return scanSeen ? complete(position + 2) : giveUp(position + 2);
        }
        return isSegment(code) ? readSegment(in, last, code) : startResync();
    }

    private boolean readSegment(ByteBuf in, boolean last, int code) {
        if (!has(in, position, 4)) {
            return awaitMore(last);
        }
        int length = in.getUnsignedShort(in.readerIndex() + position + 2);
        if (length < 2) {
            return skipCanonRegion(in, last, code);
        }
        resyncFrom = position + SEGMENT_HEAD_LENGTH;
        int next = position + 2 + length;
        if (last && next > in.readableBytes()) {
            return startResync();
        }
        if (next > limit()) {
            return giveUpTooLong(resyncFrom);
        }
        if (isFrameHeader(code)) {
            if (!has(in, position, 10)) {
                return awaitMore(last);
            }
            if (!countsItsComponents(in, code, length)) {
                return startResync();
            }
            readFrameHeader(in, code);
        } else if (code == DHT && !scanSeen && huffmanTables < 0) {
            huffmanTables = position;
        } else if (code == SOS) {
            if (frameHeader < 0) {
                return giveUp(position + 2);
            }
            if (!has(in, position, 5)) {
                return awaitMore(last);
            }
            if (!countsItsComponents(in, code, length)) {
                return startResync();
            }
            scanSeen = true;
            state = State.ENTROPY;
        }
        position = next;
        return true;
    }

    private void readFrameHeader(ByteBuf in, int code) {
        if (frameHeader >= 0) {
            return;
        }
        frameHeader = position;
        int at = in.readerIndex() + position;
        sofMarker = code;
        precision = in.getUnsignedByte(at + 4);
        height = in.getUnsignedShort(at + 5);
        width = in.getUnsignedShort(at + 7);
        components = in.getUnsignedByte(at + 9);
    }

    private boolean skipCanonRegion(ByteBuf in, boolean last, int code) {
        int next = position + CANON_RESERVED_LENGTH;
        if (code == APP7 && position == CANON_RESERVED_OFFSET && in.getLong(in.readerIndex()) == VB_START) {
            if (!has(in, next, 2) && !last) {
                return false;
            }
            if (has(in, next, 2) && unsigned(in, next) == FF && isSegment(unsigned(in, next + 1))) {
                zeroLengthApp7 = position;
                resyncFrom = position + SEGMENT_HEAD_LENGTH;
                position = next;
                return true;
            }
        }
        resyncFrom = position + SEGMENT_HEAD_LENGTH;
        return startResync();
    }

    private boolean readEntropy(ByteBuf in) {
        int from = position;
        boolean found = goToNextFf(in);
        if (position > from) {
            scanEnd = position;
        }
        if (position > limit()) {
            return giveUpTooLong(limit());
        }
        if (!found || !has(in, position, 2)) {
            return false;
        }
        int code = unsigned(in, position + 1);
        if (code == FF) {
            position++;
        } else if (code == SOI) {
            return giveUp(position);
        } else if (code == EOI) {
            return complete(position + 2);
        } else if (mayFollowScan(code)) {
            state = State.MARKER;
        } else {
            // FF 00 is a stuffed FF, RSTn a restart; anything else is the decoder's business.
            position += 2;
        }
        return true;
    }

    /** When none will come, the picture cannot end here, and a length has lied. */
    private boolean awaitMore(boolean last) {
        return last && startResync();
    }

    private boolean startResync() {
        lengthLied = true;
        position = resyncFrom;
        // No marker behind a SOF or DHT: it was none, but bytes of something else that looked like one.
        int liar = resyncFrom - SEGMENT_HEAD_LENGTH;
        if (frameHeader == liar) {
            frameHeader = -1;
        }
        if (huffmanTables == liar) {
            huffmanTables = -1;
        }
        state = State.RESYNC;
        return true;
    }

    /** Goes to the next FF that begins a segment beyond reasonable doubt. */
    private boolean resync(ByteBuf in, boolean last) {
        boolean found = goToNextFf(in);
        if (position > limit()) {
            return giveUpTooLong(limit());
        }
        if (!found || !has(in, position, 4)) {
            return false;
        }
        int code = unsigned(in, position + 1);
        if (code == SOI && unsigned(in, position + 2) == FF) {
            return giveUp(position);
        }
        int length = in.getUnsignedShort(in.readerIndex() + position + 2);
        if (isSegment(code) && isUsualLength(code, length)) {
            if (!has(in, position, evidenceLength(code, length)) && !last) {
                return false;
            }
            if (isEvident(in, code, length)) {
                state = State.MARKER;
                return true;
            }
        }
        position++;
        return true;
    }

    private static boolean isUsualLength(int code, int length) {
        if (isFrameHeader(code)) {
            return length >= 11 && length <= 20;
        }
        return switch (code) {
            case SOS -> length >= 8 && length <= 14;
            case DQT -> length > 2 && length <= 518 && ((length - 2) % 65 == 0 || (length - 2) % 129 == 0);
            case DHT -> length >= 19 && length <= 1094;
            case DRI -> length == 4;
            default -> length >= 2 && length <= 4096;
        };
    }

    /** Bytes from the marker on that {@link #isEvident} looks at. */
    private static int evidenceLength(int code, int length) {
        if (isFrameHeader(code)) {
            return 10;
        }
        return code == SOS ? 5 : 2 + length + 2;
    }

    /** SOF and SOS count their own components; behind any other segment there must be another one. */
    private boolean isEvident(ByteBuf in, int code, int length) {
        if (!has(in, position, evidenceLength(code, length))) {
            return false;
        }
        if (isFrameHeader(code) || code == SOS) {
            return countsItsComponents(in, code, length);
        }
        int next = position + 2 + length;
        return unsigned(in, next) == FF && isSegment(unsigned(in, next + 1));
    }

    /** Whether the length of a SOF or SOS is that of its components (ITU-T T.81, B.2.2 and B.2.3). */
    private boolean countsItsComponents(ByteBuf in, int code, int length) {
        return code == SOS
                ? length == 6 + 2 * unsigned(in, position + 4)
                : length == 8 + 3 * unsigned(in, position + 9);
    }

    /** False when there is none yet; the position is then the end of the bytes. */
    private boolean goToNextFf(ByteBuf in) {
        if (position >= in.readableBytes()) {
            return false;
        }
        int at = in.indexOf(in.readerIndex() + position, in.writerIndex(), (byte) FF);
        position = (at < 0 ? in.writerIndex() : at) - in.readerIndex();
        return at >= 0;
    }

    /** Bytes that a picture may have up to what is known of it: nothing behind is looked at, however much of it is there. */
    private int limit() {
        return scanSeen ? maxBytes : Math.min(maxBytes, MAX_HEADER_BYTES);
    }

    private boolean complete(int length) {
        if (length > maxBytes) {
            return giveUpTooLong(maxBytes);
        }
        end = length;
        state = State.COMPLETE;
        return false;
    }

    /** What is longer than any picture is none, and not worth an end. */
    private boolean giveUpTooLong(int searchFrom) {
        scanEnd = 0;
        return giveUp(searchFrom);
    }

    private boolean giveUp(int searchFrom) {
        end = searchFrom;
        state = State.BROKEN;
        return false;
    }

    private static boolean has(ByteBuf in, int offset, int count) {
        return in.readableBytes() - offset >= count;
    }

    private static int unsigned(ByteBuf in, int offset) {
        return in.getUnsignedByte(in.readerIndex() + offset);
    }

    private static boolean isRestart(int code) {
        return code >= RST0 && code <= RST7;
    }

    private static boolean isFrameHeader(int code) {
        return code >= SOF0 && code <= 0xCF && code != DHT && code != JPG && code != DAC;
    }

    private static boolean isSegment(int code) {
        return (code >= SOF0 && code <= 0xCF && code != JPG)
                || (code >= SOS && code <= EXP)
                || (code >= APP0 && code <= APP15)
                || code == COM;
    }

    private static boolean mayFollowScan(int code) {
        return code == DHT || (code >= SOS && code <= DRI) || (code >= APP0 && code <= APP15) || code == COM;
    }
}
