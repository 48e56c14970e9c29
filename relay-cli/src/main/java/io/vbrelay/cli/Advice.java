package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.TcpAddress;
import java.util.List;

/**
 * What it means that a camera yields no pictures, and what its owner can try next.
 *
 * @param next one line each
 */
record Advice(String meaning, List<String> next) {
    Advice {
        next = List.copyOf(next);
    }

    static Advice of(CameraAddress address, Kind kind) {
        String host = address.host().indexOf(':') < 0 ? address.host() : "[" + address.host() + "]";
        return switch (kind) {
            case UNREACHABLE ->
                new Advice(
                        "Nobody listens there: no connection was made.",
                        List.of(
                                "is the camera on, and the address right? Try 'ping " + address.host() + "'",
                                portOf(address),
                                "connection refused means that the machine is there, but nothing listens on that port;"
                                        + " no answer means that it is off, elsewhere, or behind a firewall"));
            case REFUSED ->
                new Advice(
                        "The camera answered, and refused.",
                        List.of(
                                address.login() == null
                                        ? "if it wants a user and a password, write them into the address: "
                                                + withLogin(address, host)
                                        : "check user and password; in the address a @ of the password may be written %40,"
                                                + " and a blank %20",
                                "a camera serves a limited number of clients: close other viewers, or wait a minute"));
            case PROTOCOL ->
                new Advice(
                        "Something answers there, but it does not speak as this kind of camera does.",
                        List.of(portOf(address), otherScheme(address, host), transcript(address)));
            case SILENT ->
                new Advice(
                        "Something accepts the connection, but sends no pictures.",
                        List.of(
                                otherScheme(address, host),
                                "if the camera is only slow: --read-timeout 20s, or a smaller picture, --size 320x240",
                                "another client may have taken all it can give: close other viewers",
                                transcript(address)));
            case CLOSED_BY_CAMERA ->
                new Advice(
                        "The camera accepted the connection and closed it.",
                        List.of(
                                "it may serve as many clients as it can: close other viewers, or wait a minute",
                                otherScheme(address, host),
                                "some cameras close after a wrong login: check user and password"));
            case CLOSED_BY_US ->
                new Advice(
                        "No two pictures came in time, or vbrelay itself failed.",
                        List.of(
                                "if the camera is only slow, ask for less: --fps 1, --size 320x240",
                                "--log-level debug tells more"));
        };
    }

    private static String portOf(CameraAddress address) {
        if (address instanceof NativeAddress) {
            return "is the port right? The native video port is " + NativeAddress.DEFAULT_PORT
                    + " unless it was changed; the camera's web page tells";
        }
        return "is the port right? This was port " + address.port();
    }

    private static String otherScheme(CameraAddress address, String host) {
        if (address instanceof NativeAddress) {
            return "another way to speak to it: wvhttp://" + host + " over HTTP, or one dialect at a time, ?dialect="
                    + String.join(" or ", Dialects.builtIn().names());
        }
        if (address instanceof TcpAddress) {
            return "does this port really pour out JPEGs unasked? Else try http://" + host + " or vbc10://" + host;
        }
        return ((HttpAddress) address).kind() == HttpAddress.Kind.WVHTTP
                ? "if it is not a Canon: the address of its stream or picture, http://" + host + "/…, from its manual"
                : "does a browser show a picture at this very address? If it shows a page, look in the page for the picture's";
    }

    private static String transcript(CameraAddress address) {
        return "what was said is below: "
                + (address instanceof NativeAddress
                        ? "a dialect can be written from it, see docs/dialects.md"
                        : "it is what a report of this problem should have");
    }

    private static String withLogin(CameraAddress address, String host) {
        String scheme = address instanceof HttpAddress http ? http.kind().scheme() : "vbc10";
        return scheme + "://user:password@" + host;
    }
}
