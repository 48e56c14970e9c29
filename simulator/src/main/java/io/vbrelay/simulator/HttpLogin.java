package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vbrelay.simulator.HttpSettings.Scheme;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks what a client says of itself over HTTP: Basic (RFC 7617), or Digest with MD5 and {@code qop=auth} (RFC 7616).
 *
 * <p>One nonce does for as long as the camera runs: nobody's secrets are kept here.
 */
final class HttpLogin {
    private static final Pattern FIELD = Pattern.compile("(\\w+)\\s*=\\s*(?:\"([^\"]*)\"|([^\\s,]+))");

    private final String nonce;

    HttpLogin() {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        nonce = HexFormat.of().formatHex(random);
    }

    boolean accepts(HttpRequest request, Login login, Scheme scheme, String realm) {
        String said = request.headers().getOrDefault("authorization", "");
        if (scheme == Scheme.BASIC) {
            String expected = Base64.getEncoder().encodeToString(login.plain().getBytes(UTF_8));
            return said.regionMatches(true, 0, "Basic ", 0, 6)
                    && said.substring(6).trim().equals(expected);
        }
        return said.regionMatches(true, 0, "Digest ", 0, 7) && isDigest(request, fields(said), login, realm);
    }

    /** The header that asks a client to log in. */
    String challenge(Scheme scheme, String realm) {
        return "WWW-Authenticate: "
                + (scheme == Scheme.BASIC
                        ? "Basic realm=\"" + realm + "\""
                        : "Digest realm=\"" + realm + "\", qop=\"auth\", algorithm=MD5, nonce=\"" + nonce + "\"");
    }

    private boolean isDigest(HttpRequest request, Map<String, String> said, Login login, String realm) {
        String a1 = md5(login.user() + ":" + realm + ":" + login.password());
        String a2 = md5(request.method() + ":" + request.target());
        String expected = md5(String.join(
                ":",
                a1,
                nonce,
                said.getOrDefault("nc", ""),
                said.getOrDefault("cnonce", ""),
                said.getOrDefault("qop", ""),
                a2));
        return login.user().equals(said.get("username"))
                && realm.equals(said.get("realm"))
                && nonce.equals(said.get("nonce"))
                && "auth".equals(said.get("qop"))
                && request.target().equals(said.get("uri"))
                && expected.equals(said.get("response"));
    }

    private static Map<String, String> fields(String header) {
        Map<String, String> fields = new HashMap<>();
        Matcher field = FIELD.matcher(header);
        while (field.find()) {
            fields.put(field.group(1), field.group(2) == null ? field.group(3) : field.group(2));
        }
        return fields;
    }

    private static String md5(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // Every Java has it.
        }
    }
}
