package io.vbrelay.cli.load;

/**
 * FLV (Adobe's Flash Video File Format Specification 10.1, annex E).
 *
 * <pre>
 * header  | 'F' 'L' 'V' | version 1 | flags | 9 (4) | 0 (4)                             13 bytes
 * tag     | type | length of the body (3) | time in ms (3, then the highest one) | stream (3)   11 bytes
 *         | body: a picture's begins with its type and codec, H.264's then with what it holds
 *         | 11 + length of the body (4)
 * </pre>
 */
final class FlvCheck extends StreamCheck {
    private static final int HEADER = 13;
    private static final int TAG_HEADER = 11;
    private static final int TAG_END = 4;

    private static final long SIGNATURE = 0x464c5601L; // "FLV" and the version.
    private static final int AUDIO = 8;
    private static final int VIDEO = 9;
    private static final int SCRIPT = 18;

    private static final int KEY = 1;
    private static final int COMMAND = 5;
    private static final int AVC = 7;
    private static final int HEVC = 12; // What many servers use; not in the specification.

    // Enhanced RTMP, "ExVideoTagHeader": the highest bit, then frame type and packet type.
    private static final int EXTENDED = 0x80;
    private static final int CODED_FRAMES = 1;
    private static final int CODED_FRAMES_X = 3;

    private enum State {
        HEADER,
        TAG,
        TAG_END
    }

    private State state = State.HEADER;
    private int bodyBytes;

    FlvCheck() {
        super(HEADER, HEADER);
    }

    @Override
    void step() {
        switch (state) {
            case HEADER -> {
                if (number(0, 4) != SIGNATURE || number(5, 4) != HEADER - TAG_END || number(9, 4) != 0) {
                    breaks("no FLV header");
                }
                next(0, TAG_HEADER);
                state = State.TAG;
            }
            case TAG -> tag();
            case TAG_END -> {
                if (number(0, TAG_END) != TAG_HEADER + bodyBytes) {
                    breaks("wrong PreviousTagSize");
                    return;
                }
                endPicture();
                next(0, TAG_HEADER);
                state = State.TAG;
            }
        }
    }

    private void tag() {
        int type = at(0);
        bodyBytes = (int) number(1, 3);
        if ((type != AUDIO && type != VIDEO && type != SCRIPT) || number(8, 3) != 0) {
            breaks("no tag where one should be");
            return;
        }
        int looked = type == VIDEO ? Math.min(bodyBytes, 2) : 0;
        if (!has(TAG_HEADER + looked)) {
            return;
        }
        if (type == VIDEO) {
            if (looked < 2) {
                breaks("video tag too short");
                return;
            }
            int first = at(TAG_HEADER);
            if (isPicture(first, at(TAG_HEADER + 1))) {
                int time = (int) (number(4, 3) | (number(7, 1) << 24));
                // Modulo 2^32, which players count on after 49.7 days.
                long unwrapped = lastTime() == 0 ? time & 0xffff_ffffL : lastTime() + (time - (int) lastTime());
                beginPicture(unwrapped, 1, ((first >> 4) & 7) == KEY);
            }
        }
        next(bodyBytes - looked, TAG_END);
        state = State.TAG_END;
    }

    private static boolean isPicture(int first, int second) {
        int codec = first & 0xf;
        if ((first & EXTENDED) != 0) {
            return codec == CODED_FRAMES || codec == CODED_FRAMES_X;
        }
        return first >> 4 != COMMAND && ((codec != AVC && codec != HEVC) || second == 1);
    }
}
