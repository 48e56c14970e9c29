package io.vbrelay.camera.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers a camera's 401: Basic (RFC 7617) or Digest (RFC 7616) with MD5 or SHA-256, quality of protection {@code auth} or
 * none, which cameras older than that RFC leave out. Of several challenges the strongest is answered.
 *
 * <p>Nothing is sent before the first challenge. Its answer then goes with every request, until another challenge comes.
 *
 * <p><b>Threads.</b> None of its own; not thread-safe.
 */
public final class HttpAuthentication {
    /** Longer ones are no camera's, and a pattern with repeated groups is not for endless input. */
    private static final int MAX_CHALLENGE_CHARS = 2048;

    private static final int CNONCE_BYTES = 16;

    /** A scheme, or a parameter of the scheme before it. */
    private static final Pattern ELEMENT = Pattern.compile(
            "(?<name>[^\\s,=\"]+)(?<parameter>\\s*=\\s*(?:\"(?<quoted>(?:[^\"\\\\]++|\\\\.)*+)\"|(?<plain>[^\\s,]*)))?");

    private static final SecureRandom RANDOM = new SecureRandom();

    private final String user;
    private final String password;
    private @Nullable Challenge answered;
    private int nonceCount;

    /** The ways to log in, weakest first. */
    private enum Strength {
        NONE,
        BASIC,
        MD5,
        SHA_256
    }

    private record Challenge(String scheme, Map<String, String> parameters) {
        String parameter(String name) {
            return parameters.getOrDefault(name, "");
        }

        Strength strength() {
            if (scheme.equalsIgnoreCase("Basic")) {
                return Strength.BASIC;
            }
            boolean answerable = scheme.equalsIgnoreCase("Digest")
                    && parameters.containsKey("nonce")
                    && (!parameters.containsKey("qop") || hasQop());
            if (!answerable) {
                return Strength.NONE;
            }
            return switch (parameters.getOrDefault("algorithm", "MD5").toUpperCase(Locale.ROOT)) {
                case "MD5" -> Strength.MD5;
                case "SHA-256" -> Strength.SHA_256;
                default -> Strength.NONE;
            };
        }

        boolean hasQop() {
            return Arrays.stream(parameter("qop").split(","))
                    .anyMatch(qop -> qop.strip().equalsIgnoreCase("auth"));
        }
    }

    public HttpAuthentication(String user, String password) {
        this.user = user;
        this.password = password;
    }

    /**
     * Takes the challenges of a 401.
     *
     * @param headers every {@code WWW-Authenticate}; without any, a camera is taken to mean Basic
     * @return whether there is one that can be answered
     */
    public boolean challenge(List<String> headers) {
        Challenge strongest = headers.isEmpty() ? new Challenge("Basic", Map.of()) : null;
        for (Challenge challenge : challenges(headers)) {
            if (strongest == null || challenge.strength().compareTo(strongest.strength()) > 0) {
                strongest = challenge;
            }
        }
        answered = strongest != null && strongest.strength() != Strength.NONE ? strongest : null;
        nonceCount = 0;
        return answered != null;
    }

    /** Whether the challenge says that only its nonce was too old: user and password may be right. */
    public boolean isStale() {
        return answered != null && answered.parameter("stale").equalsIgnoreCase("true");
    }

    /** The {@code Authorization} of the next request; null while none was asked for. A secret. */
    public @Nullable String authorization(String method, String target) {
        byte[] cnonce = new byte[CNONCE_BYTES];
        RANDOM.nextBytes(cnonce);
        return authorization(method, target, HexFormat.of().formatHex(cnonce));
    }

    @Nullable
    String authorization(String method, String target, String cnonce) {
        if (answered == null) {
            return null;
        }
        return switch (answered.strength()) {
            case NONE -> null;
            case BASIC -> "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(UTF_8));
            case MD5 -> digest(answered, "MD5", method, target, cnonce);
            case SHA_256 -> digest(answered, "SHA-256", method, target, cnonce);
        };
    }

    private String digest(Challenge challenge, String algorithm, String method, String target, String cnonce) {
        String realm = challenge.parameter("realm");
        String nonce = challenge.parameter("nonce");
        String account = hash(algorithm, user + ":" + realm + ":" + password);
        String request = hash(algorithm, method + ":" + target);
        StringBuilder answer = new StringBuilder("Digest username=")
                .append(quoted(user))
                .append(", realm=")
                .append(quoted(realm))
                .append(", nonce=")
                .append(quoted(nonce))
                .append(", uri=")
                .append(quoted(target));
        if (challenge.parameters().containsKey("algorithm")) {
            answer.append(", algorithm=").append(algorithm);
        }
        if (challenge.hasQop()) {
            String count = "%08x".formatted(++nonceCount);
            String response = hash(algorithm, String.join(":", account, nonce, count, cnonce, "auth", request));
            answer.append(", qop=auth, nc=").append(count).append(", cnonce=").append(quoted(cnonce));
            answer.append(", response=").append(quoted(response));
        } else {
            answer.append(", response=").append(quoted(hash(algorithm, account + ":" + nonce + ":" + request)));
        }
        if (challenge.parameters().containsKey("opaque")) {
            answer.append(", opaque=").append(quoted(challenge.parameter("opaque")));
        }
        return answer.toString();
    }

    /** What the first challenge that names one calls the place to log in to; empty when none does. */
    public static String realm(List<String> headers) {
        return challenges(headers).stream()
                .map(challenge -> challenge.parameter("realm"))
                .filter(realm -> !realm.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** The names of the ways to log in that these challenges offer. */
    public static List<String> schemes(List<String> headers) {
        return challenges(headers).stream().map(Challenge::scheme).toList();
    }

    private static List<Challenge> challenges(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            Matcher element = ELEMENT.matcher(header.substring(0, Math.min(header.length(), MAX_CHALLENGE_CHARS)));
            while (element.find()) {
                if (element.group("parameter") == null) {
                    challenges.add(new Challenge(element.group("name"), new LinkedHashMap<>()));
                } else if (!challenges.isEmpty()) {
                    String name = element.group("name").toLowerCase(Locale.ROOT);
                    challenges.get(challenges.size() - 1).parameters().putIfAbsent(name, value(element));
                }
            }
        }
        return challenges;
    }

    private static String value(Matcher element) {
        String quoted = element.group("quoted");
        return quoted == null ? element.group("plain").replace("\"", "") : quoted.replaceAll("\\\\(.)", "$1");
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static String hash(String algorithm, String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(text.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has MD5 and SHA-256", e);
        }
    }
}
