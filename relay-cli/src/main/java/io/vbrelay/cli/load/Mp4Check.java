package io.vbrelay.cli.load;

/**
 * Fragmented MP4 (ISO/IEC 14496-12). A box is its length, its type, and a content; one that holds others is entered, any other
 * stepped over.
 *
 * <pre>
 * ftyp | moov ( trak ( tkhd, mdia ( hdlr ) ), mvex ( trex ) ) | moof ( traf ( tfhd, tfdt, trun ) ) | mdat | moof …
 * </pre>
 *
 * <p>Of a fragment's pictures the first is looked at. Of several tracks it is the first one with video.
 */
final class Mp4Check extends StreamCheck {
    private static final int FTYP = 0x66747970;
    private static final int STYP = 0x73747970;
    private static final int MOOV = 0x6d6f6f76;
    private static final int TRAK = 0x7472616b;
    private static final int TKHD = 0x746b6864;
    private static final int MDIA = 0x6d646961;
    private static final int HDLR = 0x68646c72;
    private static final int VIDE = 0x76696465;
    private static final int MVEX = 0x6d766578;
    private static final int TREX = 0x74726578;
    private static final int MOOF = 0x6d6f6f66;
    private static final int TRAF = 0x74726166;
    private static final int TFHD = 0x74666864;
    private static final int TFDT = 0x74666474;
    private static final int TRUN = 0x7472756e;
    private static final int MDAT = 0x6d646174;

    private static final int HEADER = 8;
    private static final int LONG_HEADER = 16; // With the length in 8 bytes behind the type.
    private static final int VERSION = 4; // And flags, which begin many a box.
    private static final int MOST_LOOKED = 32;
    private static final int DEEPEST = 4;

    private static final int NOT_SYNC = 0x10000; // sample_is_non_sync_sample, 8.8.3.1
    private static final long UNKNOWN = -1;

    private final long[] ends = new long[DEEPEST];
    private int depth;
    private boolean begun;
    private boolean inMdat;
    private long track;
    private long videoTrack = UNKNOWN;
    private long usualFlags;
    private boolean ofVideo;
    private long fragmentFlags;
    private long fragmentTime = UNKNOWN;

    Mp4Check() {
        super(LONG_HEADER + MOST_LOOKED, HEADER);
    }

    @Override
    void step() {
        if (inMdat) {
            inMdat = false;
            endPicture();
            next(0, HEADER);
            return;
        }
        while (depth > 0 && unitStart() >= ends[depth - 1]) {
            depth--;
        }
        long size = number(0, 4);
        int type = (int) number(4, 4);
        int header = size == 1 ? LONG_HEADER : HEADER;
        if (!begun && type != FTYP && type != STYP) {
            breaks("no ftyp box first");
            return;
        }
        begun = true;
        if (!has(header)) {
            return;
        }
        long content = (size == 1 ? number(HEADER, 8) : size) - header;
        if (!isPrintable(type)) {
            breaks("no box where one should be");
        } else if (size == 0) {
            breaks("box without a length");
        } else if (content < 0) {
            breaks("box shorter than its header");
        } else if (content > LONGEST_BYTES) {
            breaks("box too long");
        } else if (depth > 0 && unitStart() + header + content > ends[depth - 1]) {
            breaks("box longer than what it is in");
        } else {
            box(type, header, (int) content);
        }
    }

    private static boolean isPrintable(int type) {
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            int letter = (type >> shift) & 0xff;
            if (letter < ' ' || letter > '~') {
                return false;
            }
        }
        return true;
    }

    private void box(int type, int header, int content) {
        switch (type) {
            case MOOV, TRAK, MDIA, MVEX, TRAF -> enter(header, content);
            case MOOF -> {
                if (inPicture()) {
                    breaks("moof without its mdat");
                    return;
                }
                enter(header, content);
            }
            case TKHD, HDLR, TREX, TFHD, TFDT, TRUN -> {
                int looked = Math.min(content, MOST_LOOKED);
                if (!has(header + looked)) {
                    return;
                }
                if (!isRead(type, header, looked)) {
                    breaks("box too short");
                    return;
                }
                next(content - looked, HEADER);
            }
            case MDAT -> {
                inMdat = true;
                next(content, 0);
            }
            default -> next(content, HEADER);
        }
    }

    private void enter(int header, int content) {
        if (depth == DEEPEST) {
            breaks("boxes too deep");
            return;
        }
        ends[depth++] = unitStart() + header + content;
        next(0, HEADER);
    }

    /** Takes what is wanted of a box; false if it is too short to hold it. */
    private boolean isRead(int type, int header, int looked) {
        if (looked < VERSION) {
            return false;
        }
        boolean isLong = at(header) == 1; // Version 1 has times of 8 bytes.
        int flags = (int) number(header + 1, 3);
        int at = header + VERSION;
        int end = header + looked;
        switch (type) {
            case TKHD -> { // creation, modification, track
                at += isLong ? 16 : 8;
                if (at + 4 > end) {
                    return false;
                }
                track = number(at, 4);
            }
            case HDLR -> { // 0, handler
                if (at + 8 > end) {
                    return false;
                }
                videoTrack = number(at + 4, 4) == VIDE && videoTrack == UNKNOWN ? track : videoTrack;
            }
            case TREX -> { // track, description, duration, size, flags
                if (at + 20 > end) {
                    return false;
                }
                usualFlags = number(at, 4) == videoTrack ? number(at + 16, 4) : usualFlags;
            }
            case TFHD -> { // track, offset (8), description, duration, size, flags: all but the first only if told
                int flagsAt = at + 4 + (flags & 1) * 8 + Integer.bitCount(flags & 0x1a) * 4;
                boolean hasFlags = (flags & 0x20) != 0;
                if (flagsAt + (hasFlags ? 4 : 0) > end) {
                    return false;
                }
                ofVideo = number(at, 4) == videoTrack;
                fragmentFlags = hasFlags ? number(flagsAt, 4) : usualFlags;
                fragmentTime = UNKNOWN;
            }
            case TFDT -> {
                if (at + (isLong ? 8 : 4) > end) {
                    return false;
                }
                fragmentTime = number(at, isLong ? 8 : 4) & Long.MAX_VALUE; // Too large is too large.
            }
            default -> {
                return isRunRead(at, end, flags);
            }
        }
        return true;
    }

    /** count, offset, flags of the first; then of each duration, size, flags: all but the count only if told. */
    private boolean isRunRead(int at, int end, int flags) {
        int firstFlagsAt = at + 4 + (flags & 1) * 4;
        int sampleAt = firstFlagsAt + ((flags & 4) != 0 ? 4 : 0);
        int sampleFlagsAt = sampleAt + Integer.bitCount(flags & 0x300) * 4;
        boolean hasOwnFlags = (flags & 0x400) != 0;
        if ((hasOwnFlags ? sampleFlagsAt + 4 : sampleAt) > end) {
            return false;
        }
        long count = number(at, 4);
        if (ofVideo && count > 0 && !inPicture()) {
            long first = fragmentFlags;
            if ((flags & 4) != 0) {
                first = number(firstFlagsAt, 4);
            } else if (hasOwnFlags) {
                first = number(sampleFlagsAt, 4);
            }
            if (fragmentTime == UNKNOWN) {
                breaks("fragment without a time");
            } else {
                beginPicture(fragmentTime, count, (first & NOT_SYNC) == 0);
            }
        }
        return true;
    }
}
