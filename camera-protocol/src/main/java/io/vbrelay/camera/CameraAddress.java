package io.vbrelay.camera;

import io.netty.util.NetUtil;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a camera is and how it is spoken to, as written
 * {@code vbc10://[user[:password]@]HOST[:65310][?dialect=NAME&size=320x240]}.
 *
 * @param host a name, or an IPv4 or IPv6 address without brackets
 * @param port 1 to 65535
 * @param password never part of {@link #toString} or of an exception's message
 * @param size asked of the camera; goes before the size in {@link CameraSettings}
 */
public record CameraAddress(
        String host,
        int port,
        @Nullable String user,
        @Nullable String password,
        Dialect dialect,
        @Nullable PictureSize size) {
    /** The video port's factory setting (facts, section a). */
    public static final int DEFAULT_PORT = 65_310;

    private static final String SCHEME = "vbc10";
    private static final String FORM = SCHEME + "://[user[:password]@]HOST[:" + DEFAULT_PORT + "]";
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}._-]+");
    /** Only a login may hold an @: so no part of a password is ever taken for something else and shown in a message. */
    private static final Pattern PARTS = Pattern.compile(
            "((?<login>.*)@)?(?<host>\\[[^]@]*]|[^]\\[:/?@]*)(:(?<port>[^:/?@]*))?/?(\\?(?<query>[^@]*))?");

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    public CameraAddress {
        if (!NAME.matcher(host).matches() && !NetUtil.isValidIpV6Address(host)) {
            throw wrong("host", "a name or an address", host);
        }
        if (port < 1 || port > 65_535) {
            throw wrong("port", "1 to 65535", Integer.toString(port));
        }
        if (user != null && user.indexOf(':') >= 0) {
            // Not shown: who wrote %3A for the colon has put the password into the user, and the camera splits at a
            // colon.
            throw new IllegalArgumentException("user: expected one without a colon");
        }
        if (user != null && (user.isEmpty() || CONTROL.matcher(user).find())) {
            throw wrong("user", "one or more printable characters", user);
        }
        if (user == null && password != null) {
            throw new IllegalArgumentException("user: expected one, since there is a password");
        }
    }

    /**
     * Reads a camera URI. The last {@code @} ends user and password; in both, {@code %} begins two hexadecimal digits.
     *
     * @throws IllegalArgumentException in one line, naming what is wrong and what was expected
     */
    public static CameraAddress parse(String uri) {
        if (CONTROL.matcher(uri).find()) {
            throw new IllegalArgumentException("camera: expected one line of printable characters");
        }
        int schemeEnd = uri.indexOf("://");
        if (schemeEnd < 0) {
            throw wrong("camera", FORM, uri.substring(uri.lastIndexOf('@') + 1));
        }
        String scheme = uri.substring(0, schemeEnd);
        if (!scheme.equals(SCHEME)) {
            throw wrong("camera", SCHEME + "://…", scheme.substring(scheme.lastIndexOf('@') + 1));
        }
        String rest = uri.substring(schemeEnd + 3);
        Matcher parts = PARTS.matcher(rest);
        if (!parts.matches()) {
            throw wrong("host", "HOST or HOST:PORT", rest.substring(rest.lastIndexOf('@') + 1));
        }
        String login = parts.group("login");
        String host = parts.group("host");
        String port = parts.group("port");
        String query = parts.group("query");

        String user = null;
        String password = null;
        if (login != null) {
            int colon = login.indexOf(':');
            user = decoded("user", colon < 0 ? login : login.substring(0, colon));
            password = colon < 0 ? null : decoded("password", login.substring(colon + 1));
        }
        Dialect dialect = user == null ? Dialect.CANON_NATIVE_GUEST : Dialect.CANON_NATIVE;
        PictureSize size = null;
        for (String entry : query == null ? List.<String>of() : List.of(query.split("&", -1))) {
            String[] keyAndValue = entry.split("=", 2);
            String value = keyAndValue[keyAndValue.length - 1];
            switch (keyAndValue[0]) {
                case "dialect" -> dialect = Dialect.named(value);
                case "size" -> size = PictureSize.parse(value);
                default -> throw wrong("camera", "?dialect= or size=", keyAndValue[0]);
            }
        }
        return new CameraAddress(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                port == null ? DEFAULT_PORT : port(port),
                user,
                password,
                dialect,
                size);
    }

    /** {@code host:port}, as messages name the camera. */
    public String endpoint() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** The address without its query, the password masked. */
    @Override
    public String toString() {
        String login = user == null ? "" : user + (password == null ? "" : ":***") + "@";
        return SCHEME + "://" + login + endpoint();
    }

    private static int port(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw wrong("port", "1 to 65535", text);
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

    private static IllegalArgumentException wrong(String key, String expected, String got) {
        String printable = CONTROL.matcher(got).replaceAll("?");
        return new IllegalArgumentException(key + ": expected " + expected + ", got '" + printable + "'");
    }
}
