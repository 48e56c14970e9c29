package io.vbrelay.camera;

import org.jspecify.annotations.Nullable;

/**
 * A camera that speaks HTTP.
 *
 * @param target path and query as they are sent; not part of {@link #toString}, since some cameras take a password there
 * @param size asked of a WV-HTTP camera; null leaves the camera's own
 * @param anyCertificate whether an HTTPS camera is believed whatever certificate it shows
 */
public record HttpAddress(
        Kind kind,
        String host,
        int port,
        @Nullable Login login,
        String target,
        @Nullable PictureSize size,
        boolean anyCertificate)
        implements CameraAddress {
    /** What is spoken over HTTP. */
    public enum Kind {
        /** Canon's WebView commands; the target is made for each request. */
        WVHTTP("wvhttp", 80),
        /** Whatever the URL gives: a multipart stream or a JPEG. */
        HTTP("http", 80),
        /** The same over TLS. */
        HTTPS("https", 443);

        private final String scheme;
        private final int defaultPort;

        Kind(String scheme, int defaultPort) {
            this.scheme = scheme;
            this.defaultPort = defaultPort;
        }

        public String scheme() {
            return scheme;
        }

        public int defaultPort() {
            return defaultPort;
        }
    }

    public HttpAddress {
        CameraUri.check(host, port);
        if (target.indexOf(' ') >= 0) {
            // Not shown: it may hold a password.
            throw new IllegalArgumentException("camera: expected no blank behind the host, %20 stands for one");
        }
    }

    /** Whether HTTP is spoken inside TLS. */
    boolean isEncrypted() {
        return kind == Kind.HTTPS;
    }

    @Override
    public String protocol() {
        return kind.scheme();
    }

    @Override
    public String toString() {
        return CameraUri.masked(kind.scheme(), this);
    }
}
