package io.vbrelay.relay.http;

import io.vbrelay.relay.config.Limits;

/** What keeps a viewer out, with a sentence for the viewer each. */
public enum Limit {
    VIEWERS("viewers", "limits.viewers (--max-viewers)", "as many viewers as this server allows"),
    VIEWERS_PER_CAMERA(
            "viewersPerCamera",
            "limits.viewersPerCamera (--max-viewers-per-camera)",
            "as many viewers as this server allows for one camera"),
    VIEWERS_PER_ADDRESS(
            "viewersPerAddress",
            "limits.viewersPerAddress (--max-viewers-per-address)",
            "as many viewers as this server allows from one address; end one of them first"),
    BANDWIDTH(
            "bandwidth",
            "limits.bandwidth (--max-bandwidth)",
            "the viewers there are take the bandwidth that this server may use (limits.bandwidth, --max-bandwidth);"
                    + " a stream of fewer bits may have room"),
    ENCODERS(
            "encoders",
            "limits.encoders (--max-encoders)",
            "as many encoders run as this server allows; another profile may be watched already"),
    LOAD("load", "", "this server is too busy for one more viewer; those it has would lose pictures");

    private final String label;
    private final String key; // As the operator sets it, in a file or by a flag.
    private final String explanation;

    Limit(String label, String key, String explanation) {
        this.label = label;
        this.key = key;
        this.explanation = explanation;
    }

    /** As programs and metrics name it. */
    public String label() {
        return label;
    }

    /** What an operator reads. */
    String reached(Limits limits) {
        return switch (this) {
            case VIEWERS -> reached(limits.viewers());
            case VIEWERS_PER_CAMERA -> reached(limits.viewersPerCamera());
            case VIEWERS_PER_ADDRESS -> reached(limits.viewersPerAddress());
            case BANDWIDTH -> reached(limits.bitsPerSecond());
            case ENCODERS -> reached(limits.encoders());
            case LOAD -> "an event loop is too busy";
        };
    }

    private String reached(long most) {
        return key + " " + most + " is reached";
    }

    String explanation() {
        return explanation;
    }
}
