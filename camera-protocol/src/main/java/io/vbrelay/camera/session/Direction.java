package io.vbrelay.camera.session;

/** Which way bytes went. */
public enum Direction {
    TO_CAMERA('>'),
    FROM_CAMERA('<');

    private final byte mark;

    Direction(char mark) {
        this.mark = (byte) mark;
    }

    /** The byte that stands for this direction in a session file. */
    byte mark() {
        return mark;
    }

    Direction opposite() {
        return this == TO_CAMERA ? FROM_CAMERA : TO_CAMERA;
    }
}
