package io.vbrelay.relay.source;

import java.util.Locale;

/** What a source does. A camera that is away is a state, not an error. */
public enum CameraState {
    /** A connection is being made, or is made but no picture has come over it yet. */
    CONNECTING,
    /** Pictures come. */
    STREAMING,
    /** Connected, but no picture for too long. */
    STALLED,
    /** Waiting before the next attempt. */
    BACKING_OFF,
    /** Not connected to, since nobody watches: a camera on demand, of which all is well. */
    IDLE,
    /** Ended by us. */
    CLOSED;

    /** As people and programs read it: {@code backing off}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
