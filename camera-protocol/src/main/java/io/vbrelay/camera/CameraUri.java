package io.vbrelay.camera;

import io.netty.util.NetUtil;
import io.vbrelay.camera.HttpAddress.Kind;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link CameraAddress} documents. The last {@code @} before a path ends user and password; in both, {@code %}
 * begins two hexadecimal digits.
 */
final class CameraUri {
    private static final String FORM =
            NativeAddress.SCHEME + "://[user[:password]@]HOST[:" + NativeAddress.DEFAULT_PORT + "]";
    private static final String SCHEMES = "vbc10://, wvhttp://, http://, https:// or tcp://";

    /** Only a login may hold an @: so no part of a password is ever taken for something else and shown in a message. */
    private static final Pattern CAMERA = Pattern.compile(
            "((?<login>.*)@)?(?<host>\\[[^]@]*]|[^]\\[:/?@]*)(:(?<port>[^:/?@]*))?/?(\\?(?<query>[^@]*))?");

    /** A path may hold an @, so a login here holds a slash or a question mark only as %2F or %3F. */
    private static final Pattern URL = Pattern.compile(
            "((?<login>[^/?#]*)@)?(?<host>\\[[^]@/]*]|[^]\\[:/?#@]*)(:(?<port>[^:/?#@]*))?(?<target>[/?][^#]*)?(#(?<fragment>.*))?");

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    /** What no password looks like: somebody may have left out the host, or cut the address at a blank. */
    private static final Pattern SHOWN_HOST = Pattern.compile("[^:]*|[\\p{XDigit}:.]+");

    private static final Pattern SHOWN_NUMBER = Pattern.compile("\\d{0,9}");

    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]+");

    private CameraUri() {}

    /** What every address is held to. */
    static void check(String host, int port) {
        if (!NAME.matcher(host).matches() && !NetUtil.isValidIpV6Address(host)) {
            throw wrong("host", "a name or an address", host);
        }
        if (port < 1 || port > 65_535) {
            throw wrong("port", "1 to 65535", Integer.toString(port));
        }
    }

    /** {@code scheme://user:***@host:port}. */
    static String masked(String scheme, CameraAddress address) {
        return scheme + "://" + (address.login() == null ? "" : address.login() + "@") + address.endpoint();
    }

    static CameraAddress parse(String uri, Dialects dialects) {
        if (CONTROL.matcher(uri).find()) {
            throw new IllegalArgumentException("camera: expected one line of printable characters");
        }
        int schemeEnd = uri.indexOf("://");
        if (schemeEnd < 0) {
            throw wrong("camera", SCHEMES + ", such as " + FORM, uri.substring(uri.lastIndexOf('@') + 1));
        }
        String scheme = uri.substring(0, schemeEnd);
        String rest = uri.substring(schemeEnd + 3);
        if (scheme.equals(NativeAddress.SCHEME)) {
            return nativeAddress(matched(CAMERA, rest), dialects);
        }
        if (scheme.equals(TcpAddress.SCHEME)) {
            return tcpAddress(matched(CAMERA, rest));
        }
        if (scheme.equals(Kind.WVHTTP.scheme())) {
            return wvHttpAddress(matched(CAMERA, rest));
        }
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.scheme().equals(scheme))
                .findFirst()
                .map(kind -> httpAddress(kind, matched(URL, rest)))
                .orElseThrow(() -> wrong("camera", SCHEMES, scheme.substring(scheme.lastIndexOf('@') + 1)));
    }

    private static NativeAddress nativeAddress(Matcher parts, Dialects dialects) {
        Map<String, String> query = query(parts.group("query"), List.of("dialect", "size", "control", "http"));
        String name = query.getOrDefault("dialect", NativeAddress.AUTO);
        Dialect dialect = name.equals(NativeAddress.AUTO) ? null : dialects.named(name);
        String size = query.get("size");
        String control = query.get("control");
        String http = query.get("http");
        int controlPort = dialect == null
                ? NativeAddress.DEFAULT_CONTROL_PORT
                : dialect.control().port();
        return new NativeAddress(
                host(parts),
                port(parts, dialect == null ? NativeAddress.DEFAULT_PORT : dialect.port()),
                login(parts),
                dialect,
                size == null ? null : PictureSize.parse(size),
                control == null ? controlPort : number("control", control),
                http == null ? NativeAddress.DEFAULT_HTTP_PORT : number("http", http));
    }

    private static HttpAddress wvHttpAddress(Matcher parts) {
        String size = query(parts.group("query"), List.of("size")).get("size");
        return new HttpAddress(
                Kind.WVHTTP,
                host(parts),
                port(parts, Kind.WVHTTP.defaultPort()),
                login(parts),
                "/",
                size == null ? null : PictureSize.parse(size),
                false);
    }

    private static HttpAddress httpAddress(Kind kind, Matcher parts) {
        String target = parts.group("target");
        String fragment = parts.group("fragment");
        if (parts.group("login") == null && parts.group("port") != null && target != null && target.contains("@")) {
            // Likely user:12/34@host, whose password would be taken for a port and a path, which are shown.
            throw new IllegalArgumentException(
                    "camera: expected no '@' behind HOST:PORT/; in a password '/', '?' and '@'"
                            + " are written %2F, %3F and %40, in a path '@' is written %40");
        }
        if (fragment != null && !(kind == Kind.HTTPS && fragment.equals("anyCertificate"))) {
            throw wrong("camera", "no '#', or #anyCertificate behind an https:// address", "#…");
        }
        return new HttpAddress(
                kind,
                host(parts),
                port(parts, kind.defaultPort()),
                login(parts),
                target == null ? "/" : target.startsWith("/") ? target : "/" + target,
                null,
                fragment != null);
    }

    private static TcpAddress tcpAddress(Matcher parts) {
        if (login(parts) != null) {
            throw new IllegalArgumentException("user: expected none, since bare JPEGs know no login");
        }
        query(parts.group("query"), List.of());
        if (parts.group("port") == null) {
            throw wrong("port", "tcp://HOST:PORT", "");
        }
        return new TcpAddress(host(parts), port(parts, 0));
    }

    private static Matcher matched(Pattern form, String rest) {
        Matcher parts = form.matcher(rest);
        if (!parts.matches()) {
            throw wrong("host", "HOST or HOST:PORT", rest.substring(rest.lastIndexOf('@') + 1), SHOWN_HOST);
        }
        return parts;
    }

    private static String host(Matcher parts) {
        String host = parts.group("host");
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    private static int port(Matcher parts, int otherwise) {
        String port = parts.group("port");
        return port == null ? otherwise : number("port", port);
    }

    private static @Nullable Login login(Matcher parts) {
        String login = parts.group("login");
        if (login == null) {
            return null;
        }
        int colon = login.indexOf(':');
        String user = decoded("user", colon < 0 ? login : login.substring(0, colon));
        return new Login(user, colon < 0 ? null : decoded("password", login.substring(colon + 1)));
    }

    private static Map<String, String> query(@Nullable String query, List<String> known) {
        Map<String, String> values = new LinkedHashMap<>();
        for (String entry : query == null ? List.<String>of() : List.of(query.split("&", -1))) {
            String[] keyAndValue = entry.split("=", 2);
            if (!known.contains(keyAndValue[0])) {
                throw wrong(
                        "camera", known.isEmpty() ? "no '?'" : "?" + String.join("=, ", known) + "=", keyAndValue[0]);
            }
            values.put(keyAndValue[0], keyAndValue[keyAndValue.length - 1]);
        }
        return values;
    }

    private static int number(String key, String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw wrong(key, "1 to 65535", text, SHOWN_NUMBER);
        }
    }

    private static String decoded(String key, String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // Neither the text nor the cause: both may hold the password.
            throw new IllegalArgumentException(key + ": expected two hexadecimal digits after each %");
        }
    }

    private static IllegalArgumentException wrong(String key, String expected, String got, Pattern shown) {
        return shown.matcher(got).matches()
                ? wrong(key, expected, got)
                : new IllegalArgumentException(key + ": expected " + expected);
    }

    private static IllegalArgumentException wrong(String key, String expected, String got) {
        String printable = CONTROL.matcher(got).replaceAll("?");
        return new IllegalArgumentException(key + ": expected " + expected + ", got '" + printable + "'");
    }
}
