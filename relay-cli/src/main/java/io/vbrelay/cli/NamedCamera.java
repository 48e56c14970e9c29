package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One {@code --camera [NAME=]URI}. */
record NamedCamera(String name, CameraAddress address) {
    private static final String DEFAULT_NAME = "cam";

    /** A name has no colon, a URI has one before any equals sign. */
    private static final Pattern TEXT = Pattern.compile("(?:([^:=/]*)=)?(.*)");

    static NamedCamera parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "expected [NAME=]URI such as harbour=vbc10://192.0.2.10, got '" + text + "'");
        }
        String name = matcher.group(1);
        return new NamedCamera(name == null ? DEFAULT_NAME : name, CameraAddress.parse(matcher.group(2)));
    }
}
