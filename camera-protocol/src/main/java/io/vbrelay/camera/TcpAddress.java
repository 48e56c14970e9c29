package io.vbrelay.camera;

import org.jspecify.annotations.Nullable;

/** A socket that pours out JPEG files, one behind the other, and is asked for nothing. */
public record TcpAddress(String host, int port) implements CameraAddress {
    static final String SCHEME = "tcp";

    public TcpAddress {
        CameraUri.check(host, port);
    }

    @Override
    public @Nullable Login login() {
        return null;
    }

    @Override
    public @Nullable PictureSize size() {
        return null;
    }

    @Override
    public String protocol() {
        return "bare JPEGs";
    }

    @Override
    public String toString() {
        return CameraUri.masked(SCHEME, this);
    }
}
