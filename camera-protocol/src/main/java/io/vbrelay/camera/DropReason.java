package io.vbrelay.camera;

/** Why bytes from a camera did not become a frame. */
public enum DropReason {
    /** The picture ended, or the next one began, before its end marker. */
    PARTIAL("partial"),
    /** The message said it was a picture, but holds none. */
    NOT_JPEG("not_jpeg"),
    /** The stream lost its message boundaries; bytes up to the next picture were skipped. */
    RESYNC("resync");

    private final String label;

    DropReason(String label) {
        this.label = label;
    }

    /** The value of the metric's {@code reason} tag. */
    public String label() {
        return label;
    }
}
