package io.vbrelay.camera;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A camera's native video port.
 *
 * @param dialect null to find it out
 * @param controlPort of the native control port on the same host
 * @param httpPort of Canon's commands over HTTP on the same host
 */
public record NativeAddress(
        String host,
        int port,
        @Nullable Login login,
        @Nullable Dialect dialect,
        @Nullable PictureSize size,
        int controlPort,
        int httpPort)
        implements CameraAddress {
    /** The video port's factory setting (facts, section a). */
    public static final int DEFAULT_PORT = 65_310;

    /** The control port's factory setting (facts, section b). */
    public static final int DEFAULT_CONTROL_PORT = 65_311;

    /** The HTTP port's factory setting (facts, section c). */
    public static final int DEFAULT_HTTP_PORT = 80;

    static final String SCHEME = "vbc10";

    /** What {@code dialect=} says when it is to be found out. */
    static final String AUTO = "auto";

    private static final String LOGGING_IN = "canon-native";
    private static final String GUEST = "canon-native-guest";
    private static final String BARE = "overset-2007";

    public NativeAddress {
        CameraUri.check(host, port);
        CameraUri.check(host, controlPort);
        CameraUri.check(host, httpPort);
    }

    /** The same camera, spoken to in this dialect. */
    public NativeAddress withDialect(Dialect other) {
        return new NativeAddress(host, port, login, other, size, controlPort, httpPort);
    }

    /** What is spoken: the dialect named, or the likeliest one. */
    public Dialect spoken() {
        return dialect != null ? dialect : Dialects.builtIn().named(login == null ? GUEST : LOGGING_IN);
    }

    /**
     * What to try when the dialect is to be found out, likeliest first (spec, section 1): with or without logging in, as the
     * address has a user; the other way; bare pictures; and Canon's commands over HTTP. This address alone when it names a
     * dialect.
     */
    @Override
    public List<CameraAddress> candidates() {
        if (dialect != null) {
            return List.of(this);
        }
        Dialects builtIn = Dialects.builtIn();
        return List.of(
                withDialect(spoken()),
                withDialect(builtIn.named(login == null ? LOGGING_IN : GUEST)),
                withDialect(builtIn.named(BARE)),
                new HttpAddress(HttpAddress.Kind.WVHTTP, host, httpPort, login, "/", size, false));
    }

    /** What goes to the camera where the dialect says {@code {cred}}; as much a secret as the password. */
    public byte[] sentCredentials() {
        return Dialect.bytes(spoken().credentials().of(login));
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
