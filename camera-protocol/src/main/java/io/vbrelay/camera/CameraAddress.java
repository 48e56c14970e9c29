package io.vbrelay.camera;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a camera is and how it is spoken to, as an operator writes it:
 *
 * <pre>
 * vbc10://[user[:password]@]HOST[:65310][?dialect=auto&amp;size=320x240&amp;control=65311&amp;http=80]    {@link NativeAddress}
 * wvhttp://[user[:password]@]HOST[:80][?size=640x480]                              {@link HttpAddress}
 * http://… and https://…                                                          {@link HttpAddress}
 * tcp://HOST:PORT                                                                 {@link TcpAddress}
 * </pre>
 *
 * <p>{@code toString} is what logs show: it holds no password.
 */
public sealed interface CameraAddress permits NativeAddress, HttpAddress, TcpAddress {
    /** A name, or an IPv4 or IPv6 address without brackets. */
    String host();

    /** 1 to 65535. */
    int port();

    /** Whom the camera is told that we are; null for a guest. */
    @Nullable
    Login login();

    /** Asked of the camera; goes before the size in {@link CameraSettings}; null when the address names none. */
    @Nullable
    PictureSize size();

    /** What is spoken there, for messages such as {@code not the protocol of canon-native}. */
    String protocol();

    /**
     * Reads a camera URI; dialects are those built in.
     *
     * @throws IllegalArgumentException in one line, naming what is wrong and what was expected
     */
    static CameraAddress parse(String uri) {
        return parse(uri, Dialects.builtIn());
    }

    /**
     * Reads a camera URI.
     *
     * @throws IllegalArgumentException in one line, naming what is wrong and what was expected
     */
    static CameraAddress parse(String uri, Dialects dialects) {
        return CameraUri.parse(uri, dialects);
    }

    /** What to try, likeliest first: this address alone, unless it leaves open what is spoken there. */
    default List<CameraAddress> candidates() {
        return List.of(this);
    }

    /** {@code host:port}, as messages name the camera. */
    default String endpoint() {
        return (host().indexOf(':') < 0 ? host() : "[" + host() + "]") + ":" + port();
    }
}
