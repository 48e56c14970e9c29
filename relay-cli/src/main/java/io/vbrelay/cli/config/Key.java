package io.vbrelay.cli.config;

import io.vbrelay.relay.config.Profile;
import org.jspecify.annotations.Nullable;

/**
 * One thing that can be configured; {@link Keys} has them all.
 *
 * @param path its sections and its name; in it {@value #CAMERA} and {@value #PROFILE} stand for names that the operator gives
 * @param flag null if only files and variables can set it
 * @param type what its values look like
 * @param preset what it is worth if nobody sets it
 * @param meaning one sentence, without the full stop
 * @param <T> what comes of a value
 */
public record Key<T>(String path, @Nullable String flag, Type<T> type, Preset preset, String meaning) {
    static final String CAMERA = "CAMERA";
    static final String PROFILE = "PROFILE";

    /**
     * What a key is worth that nobody sets.
     *
     * @param value as it would be written; null if there is none
     * @param path of the key whose value it has then; null if of none
     * @param words for people
     */
    public record Preset(@Nullable String value, @Nullable String path, String words) {}

    /** Its path where this is the camera or profile; without a placeholder it is the same for every name. */
    String path(String name) {
        return path.replace(CAMERA, name).replace(PROFILE, name);
    }

    /** The path that the flag sets. */
    public String pathOfFlag() {
        return path(Profile.DEFAULT_NAME);
    }

    /** The path's last part. */
    String name() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** The path without its last part; empty for one at the top. */
    String section() {
        return path.substring(0, Math.max(path.lastIndexOf('.'), 0));
    }

    boolean isOfCamera() {
        return path.contains(CAMERA);
    }

    boolean isOfProfile() {
        return path.contains(PROFILE);
    }

    /** Where its value is looked for if it is not at this path; null if nowhere. */
    @Nullable
    String fallback(String at) {
        String ofDefault = path(Profile.DEFAULT_NAME);
        return isOfProfile() && !at.equals(ofDefault) ? ofDefault : preset.path();
    }

    @Override
    public String toString() {
        return path;
    }
}
