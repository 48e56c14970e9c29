package io.vbrelay.camera;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.vbrelay.camera.CameraException.Kind;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** TLS to one camera, by the JDK's own provider; its certificate and name are checked unless the address says not to. */
final class Tls {
    private final HttpAddress address;
    private final SslContext context;

    /**
     * Reads Java's trust store, so not on an event loop.
     *
     * @throws SSLException when that cannot be read
     */
    Tls(HttpAddress address) throws SSLException {
        this.address = address;
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK);
        if (address.anyCertificate()) {
            builder.trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null);
        }
        context = builder.build();
    }

    /** The first handler of a connection. */
    SslHandler newHandler(ByteBufAllocator allocator, Duration handshakeTimeout) {
        SslHandler handler = context.newHandler(allocator, address.host(), address.port());
        handler.setHandshakeTimeoutMillis(handshakeTimeout.toMillis());
        return handler;
    }

    /** Why the handshake failed, in words that help; null for any other event. */
    static @Nullable CameraException failedHandshake(CameraAddress address, Object event) {
        return event instanceof SslHandshakeCompletionEvent handshake && !handshake.isSuccess()
                ? failure(address, handshake.cause())
                : null;
    }

    /** The same for an exception; null for one that isn't of TLS. */
    static @Nullable CameraException failure(CameraAddress address, Throwable thrown) {
        Throwable cause = thrown instanceof DecoderException && thrown.getCause() != null ? thrown.getCause() : thrown;
        if (cause instanceof NotSslRecordException) {
            return failure(address, Kind.PROTOCOL, "it doesn't speak TLS, so its address begins with http://", cause);
        }
        if (cause instanceof SslHandshakeTimeoutException) {
            return failure(address, Kind.SILENT, "the TLS handshake is not answered", cause);
        }
        if (cause instanceof ClosedChannelException) {
            return failure(address, Kind.CLOSED_BY_CAMERA, "closed the connection in the TLS handshake", cause);
        }
        if (!(cause instanceof SSLException)) {
            return null;
        }
        for (Throwable next = cause; next != null; next = next.getCause()) {
            if (next instanceof CertificateException) {
                String why = "its certificate is not trusted (" + next.getMessage()
                        + "): add it to Java's trust store, or" + " put #anyCertificate behind the address to take any";
                return failure(address, Kind.PROTOCOL, why, cause);
            }
        }
        return failure(address, Kind.PROTOCOL, "TLS failed: " + cause.getMessage(), cause);
    }

    private static CameraException failure(CameraAddress address, Kind kind, String why, Throwable cause) {
        return new CameraException(kind, address.endpoint() + ": " + why, cause);
    }
}
