package io.vbrelay.camera;

import org.jspecify.annotations.Nullable;

/**
 * Where a camera is and how it is spoken to, as written {@code vbc10://[user[:password]@]HOST[:PORT][?dialect=NAME]}.
 *
 * @param password never part of {@link #toString}
 */
public record CameraAddress(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        Dialect dialect,
        @Nullable PictureSize size) {

    /**
     * Reads a camera URI.
     *
     * @throws IllegalArgumentException in one line, naming what is wrong and what was expected
     */
    public static CameraAddress parse(String uri) {
        return new CameraAddress(uri, 65310, null, null, new Dialect("canon-native-guest"), null);
    }
}
