package io.vbrelay.camera;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A camera's native video port.
 *
 * @param dialect null to find it out
 * @param controlPort of the native control port on the same host
 */
public record NativeAddress(
        String host,
        int port,
        @Nullable Login login,
        @Nullable Dialect dialect,
        @Nullable PictureSize size,
        int controlPort)
        implements CameraAddress {
    /** The video port's factory setting (facts, section a). */
    public static final int DEFAULT_PORT = 65_310;

    /** The control port's factory setting (facts, section b). */
    public static final int DEFAULT_CONTROL_PORT = 65_311;

    static final String SCHEME = "vbc10";

    public NativeAddress {
        CameraUri.check(host, port);
        CameraUri.check(host, controlPort);
    }

    /** The same camera, spoken to in this dialect. */
    public NativeAddress withDialect(Dialect other) {
        return new NativeAddress(host, port, login, other, size, controlPort);
    }

    /** What is spoken: the dialect named, or the likeliest one. */
    public Dialect spoken() {
        if (dialect != null) {
            return dialect;
        }
        return login == null ? Dialect.CANON_NATIVE_GUEST : Dialect.CANON_NATIVE;
    }

    /**
     * What to try when the dialect is to be found out, likeliest first: with or without logging in as the address has a user,
     * the other way, and Canon's commands over HTTP (spec, section 1). This address alone when it names a dialect.
     */
    public List<CameraAddress> candidates() {
        if (dialect != null) {
            return List.of(this);
        }
        Dialect other = login == null ? Dialect.CANON_NATIVE : Dialect.CANON_NATIVE_GUEST;
        HttpAddress.Kind http = HttpAddress.Kind.WVHTTP;
        return List.of(
                withDialect(spoken()),
                withDialect(other),
                new HttpAddress(http, host, http.defaultPort(), login, "/", size, false));
    }

    @Override
    public String protocol() {
        return spoken().name();
    }

    @Override
    public String toString() {
        return CameraUri.masked(SCHEME, this);
    }
}
