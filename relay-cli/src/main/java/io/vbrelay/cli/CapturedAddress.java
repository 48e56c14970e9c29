package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialect;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.TcpAddress;
import java.net.InetSocketAddress;
import java.net.URLEncoder;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The address in a session file's second line (docs/capture-format.md): what it says, and how its replay is spoken to. */
final class CapturedAddress {
    /** TCP's port multiplexer, which next to no machine has: a replay can't be moved, and nobody else shall be. */
    private static final int NO_CONTROL_PORT = 1;

    private static final Pattern VALUE = Pattern.compile("(?<==)[^&]+");

    private CapturedAddress() {}

    /** What a client has to know to say as many bytes; without a password. */
    static String of(CameraAddress address, CameraSettings settings) {
        PictureSize size = address.size() == null ? settings.size() : address.size();
        if (address instanceof NativeAddress camera) {
            return uri("vbc10", camera) + "?dialect=" + camera.spoken().name() + (size == null ? "" : "&size=" + size);
        }
        if (address instanceof HttpAddress camera) {
            String start = uri(camera.kind().scheme(), camera);
            return camera.kind() == HttpAddress.Kind.WVHTTP
                    ? start + (size == null ? "" : "?size=" + size)
                    : start + withoutValues(camera.target());
        }
        return uri("tcp", address);
    }

    /**
     * The replay that listens there, to be spoken to as the captured camera was.
     *
     * @throws IllegalArgumentException when the line is no address
     */
    static CameraAddress ofReplay(String line, Dialects dialects, InetSocketAddress listening) {
        CameraAddress captured = CameraAddress.parse(line, dialects);
        String host = listening.getAddress().getHostAddress();
        int port = listening.getPort();
        if (captured instanceof NativeAddress camera) {
            Dialect dialect = camera.spoken();
            return new NativeAddress(
                    host, port, camera.login(), dialect, camera.size(), NO_CONTROL_PORT, NO_CONTROL_PORT);
        }
        if (captured instanceof HttpAddress camera) {
            // What was captured is the inside of TLS.
            HttpAddress.Kind kind = camera.kind() == HttpAddress.Kind.HTTPS ? HttpAddress.Kind.HTTP : camera.kind();
            return new HttpAddress(kind, host, port, camera.login(), camera.target(), camera.size(), false);
        }
        return new TcpAddress(host, port);
    }

    private static String uri(String scheme, CameraAddress address) {
        return scheme + "://" + login(address.login()) + address.endpoint();
    }

    private static String login(@Nullable Login login) {
        if (login == null) {
            return "";
        }
        String user = URLEncoder.encode(login.user(), UTF_8).replace("+", "%20");
        return user
                + (login.password() == null
                        ? ""
                        : ":" + "*".repeat(login.password().getBytes(UTF_8).length)) + "@";
    }

    /** Any of them may be a password. */
    private static String withoutValues(String target) {
        return VALUE.matcher(target)
                .replaceAll(value -> "*".repeat(value.group().length()));
    }
}
