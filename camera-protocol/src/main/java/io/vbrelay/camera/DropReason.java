package io.vbrelay.camera;

import java.util.Locale;

/** Why bytes from a camera did not become a frame. */
public enum DropReason {
    /** The picture ended, or the next one began, before its end marker; or it lost a table that it cannot do without. */
    PARTIAL,
    /** The message said it was a picture, but holds none. */
    NOT_JPEG,
    /** Its width or height is zero, or more than 4096 pixels. */
    SIZE,
    /** The stream lost its message boundaries; bytes up to the next picture were skipped. */
    RESYNC;

    /** The value of the metric's {@code reason} tag. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
