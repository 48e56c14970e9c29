package io.vbrelay.camera;

/** What was mended in a picture so that every JPEG decoder takes it. */
public enum Repair {
    /** The standard Huffman tables were inserted: the picture had none. */
    HUFFMAN_TABLES("huffman_tables"),
    /** Canon's APP7 length of zero was replaced by its real length. */
    APP7_LENGTH("app7_length"),
    /** Bytes after the end of the picture were cut off. */
    TRAILER("trailer"),
    /** Bytes before the start of the picture were cut off. */
    LEADER("leader");

    private final String label;

    Repair(String label) {
        this.label = label;
    }

    /** The value of the metric's {@code reason} tag. */
    public String label() {
        return label;
    }
}
