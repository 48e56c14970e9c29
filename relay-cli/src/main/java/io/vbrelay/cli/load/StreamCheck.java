package io.vbrelay.cli.load;

import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Follows one endless stream and tells whether it is whole. Only headers are looked at, payloads are stepped over, so a check costs a few
 * dozen bytes of memory and no allocation per packet.
 *
 * <p>A container is a row of units: bytes that are skipped, then bytes that are wanted. When all of those are there the container's
 * {@link #step} looks at them and says what comes next. Whatever is wrong breaks the stream, once and with a reason; the rest of
 * it is not looked at.
 *
 * <p><b>Threads.</b> One.
 */
abstract sealed class StreamCheck permits FlvCheck, WebmCheck, Mp4Check, MultipartCheck {
    /** No picture and no box of a live stream is longer; what says so is damaged. Ours end at 8 MiB, a ring's length. */
    static final int LONGEST_BYTES = 64 << 20;

    /** Beyond it sums could overflow; 2^56 ns are two years. */
    private static final long LATEST_TIME = 1L << 56;

    /** So many parts of a unit of time are told apart in the usual step: at 15 pictures a second FLV has 66 ms and 67 ms. */
    private static final int PARTS = 16;

    private final byte[] unit;
    private long unitStart;
    private long toSkip;
    private int wanted;
    private int have;

    private @Nullable String broken;
    private long frames;
    private long keyframes;
    private long missing;

    private boolean inPicture;
    private boolean key;
    private long pictures;
    private long timed;
    private long lastTime;
    private long lastPictures;
    private long usualStep;

    /**
     * A stream from its first byte on.
     *
     * @param longestUnit the most that is ever wanted
     * @param firstUnit what is wanted first
     */
    StreamCheck(int longestUnit, int firstUnit) {
        unit = new byte[longestUnit];
        wanted = firstUnit;
    }

    /** For an answer with this content type; null when it is none that is known. */
    static @Nullable StreamCheck of(String contentType) {
        String[] parts = contentType.split(";", 2);
        return switch (parts[0].strip().toLowerCase(Locale.ROOT)) {
            case "video/x-flv" -> new FlvCheck();
            case "video/webm" -> new WebmCheck();
            case "video/mp4" -> new Mp4Check();
            case "multipart/x-mixed-replace" -> MultipartCheck.of(parts.length < 2 ? "" : parts[1]);
            default -> null;
        };
    }

    /** Looks at the next bytes of the stream, however many there are. */
    final void take(ByteBuffer bytes) {
        while (broken == null && filled(bytes)) {
            step();
        }
    }

    private boolean filled(ByteBuffer bytes) {
        int skipped = (int) Math.min(toSkip, bytes.remaining());
        bytes.position(bytes.position() + skipped);
        toSkip -= skipped;
        if (toSkip > 0) {
            return false;
        }
        int taken = Math.min(wanted - have, bytes.remaining());
        bytes.get(unit, have, taken);
        have += taken;
        return have == wanted;
    }

    /** Why the stream is not whole; null while it is. */
    final @Nullable String broken() {
        return broken;
    }

    /** Pictures that have come to their end. */
    final long frames() {
        return frames;
    }

    final long keyframes() {
        return keyframes;
    }

    /** Pictures that the timestamps have left out, in steps as long as usual. */
    final long missing() {
        return missing;
    }

    /** Looks at a unit: breaks the stream, wants more of the same unit ({@link #has}), or goes on ({@link #next}). */
    abstract void step();

    /** Whether so much of the unit is there; if not, it is wanted. */
    final boolean has(int bytes) {
        if (have >= bytes) {
            return true;
        }
        wanted = bytes;
        return false;
    }

    /** Begins the next unit behind bytes that nobody looks at. With nothing wanted, it is there when those are over. */
    final void next(long skippedBytes, int wantedBytes) {
        unitStart += have + skippedBytes;
        toSkip = skippedBytes;
        wanted = wantedBytes;
        have = 0;
    }

    /** Where the unit begins, in bytes from the start of the stream. */
    final long unitStart() {
        return unitStart;
    }

    final int unitBytes() {
        return have;
    }

    /** One byte of the unit, 0 to 255. */
    final int at(int offset) {
        return unit[offset] & 0xff;
    }

    /** The unsigned big-endian number of up to 8 bytes; one of more than 63 bits is negative. */
    final long number(int offset, int bytes) {
        long number = 0;
        for (int i = offset; i < offset + bytes; i++) {
            number = (number << 8) | (unit[i] & 0xff);
        }
        return number;
    }

    final void breaks(String why) {
        broken = why;
    }

    /**
     * A picture begins whose time is known, or several that the container has put together.
     *
     * @param time of the first of them, in any unit, later than the one before
     * @param count at least 1
     */
    final void beginPicture(long time, long count, boolean isKey) {
        if (time < 0 || time > LATEST_TIME) {
            breaks("timestamp too large");
        } else if (timed > 0 && time <= lastTime) {
            breaks("timestamp went back");
        } else {
            if (timed > 0) {
                countMissing(time - lastTime);
            }
            timed++;
            lastTime = time;
            lastPictures = count;
            beginPicture(count, isKey);
        }
    }

    /** The same where the container tells no time. */
    final void beginPicture(long count, boolean isKey) {
        if (frames == 0 && !isKey) {
            breaks("no key frame first");
        }
        inPicture = true;
        pictures = count;
        key = isKey;
    }

    final boolean inPicture() {
        return inPicture;
    }

    /** The end of the picture that has begun, if one has. */
    final void endPicture() {
        if (inPicture) {
            inPicture = false;
            frames += pictures;
            keyframes += key ? 1 : 0;
        }
    }

    final long lastTime() {
        return lastTime;
    }

    /** More than one and a half usual steps are a gap. The usual step follows what is seen, by 1/8 and never far at once. */
    private void countMissing(long sinceLast) {
        long step = PARTS * sinceLast / lastPictures;
        if (usualStep == 0) {
            usualStep = Math.max(step, 1);
        }
        long steps = (PARTS * sinceLast + usualStep / 2) / usualStep;
        if (2 * steps > 2 * lastPictures + 1) {
            missing += Math.min(steps - lastPictures, Integer.MAX_VALUE);
        }
        usualStep += (Math.min(Math.max(step, usualStep / 2), 2 * usualStep) - usualStep) / 8;
    }
}
