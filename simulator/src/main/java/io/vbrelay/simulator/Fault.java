package io.vbrelay.simulator;

/** What a camera or its network can do wrong (spec, section 7.5). */
public enum Fault {
    /** The connection is closed where a picture was due. */
    CLOSE,
    /** The connection stays open and gives nothing more, until {@link SimulatedCamera#resume}. */
    STALL,
    /** Every byte of the picture's message is written by itself. */
    ONE_BYTE_WRITES,
    /** The connection is closed inside the picture's message, at a place that moves with the picture's number. */
    CUT,
    /** Up to 4096 bytes of rubbish come before the picture's message. */
    GARBAGE,
    /** The picture's last two bytes, its end marker, are missing; the message's length says so. */
    NO_EOI,
    /** Up to 4096 zeros follow the end marker, inside the message. */
    PADDING,
    /** The message's length is 17 less than the picture's. */
    LENGTH_TOO_SHORT,
    /** The message's length is 17 more than the picture's. */
    LENGTH_TOO_LONG,
    /** Messages of unknown ids come before the picture's: 01 with no, 03 with 5 and 7F with 1000 bytes. */
    STRAY_GRAMS,
    /** A line of text comes before the picture's message, as if a text reply were late. */
    TEXT_LINE,
    /** Text replies lack the NUL at their end. Not tied to pictures. */
    MISSING_NUL,
    /** Text replies come half a second late. Not tied to pictures. */
    LATE_REPLY;

    /** Whether it strikes one picture or another; else it concerns the text phase of every session. */
    public boolean strikesPictures() {
        return this != MISSING_NUL && this != LATE_REPLY;
    }

    /** Reads {@code one-byte-writes}. */
    public static Fault parse(String text) {
        return Names.parse(Fault.class, "fault", text);
    }

    @Override
    public String toString() {
        return Names.of(this);
    }
}
