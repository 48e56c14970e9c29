package io.vbrelay.camera;

import java.util.Locale;

/** What was mended in a picture so that every JPEG decoder takes it. */
public enum Repair {
    /** The standard Huffman tables were inserted: the picture had none. */
    HUFFMAN_TABLES,
    /** Canon's APP7 length of zero was replaced by its real length. */
    APP7_LENGTH,
    /** A segment whose length was not true was cut out. */
    SEGMENT_LENGTH,
    /** Bytes after the end of the picture were cut off. */
    TRAILER,
    /** Bytes before the start of the picture were cut off. */
    LEADER,
    /** An end marker was put behind a picture that broke off: a part of it is missing. */
    EOI;

    /** The value of the metric's {@code reason} tag. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
