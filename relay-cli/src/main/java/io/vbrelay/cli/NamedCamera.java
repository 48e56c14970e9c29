package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;

/** One {@code --camera [NAME=]URI}. */
record NamedCamera(String name, CameraAddress address) {
    private static final String DEFAULT_NAME = "cam";

    /** Whatever is wrong is told by who reads the address, since only that knows what a password is. */
    static NamedCamera parse(String text) {
        int equals = text.indexOf('=');
        // A name has neither colon nor slash; a URI has both before its first equals sign.
        boolean named = equals >= 0 && text.substring(0, equals).chars().noneMatch(c -> c == ':' || c == '/');
        return named
                ? new NamedCamera(text.substring(0, equals), CameraAddress.parse(text.substring(equals + 1)))
                : new NamedCamera(DEFAULT_NAME, CameraAddress.parse(text));
    }
}
