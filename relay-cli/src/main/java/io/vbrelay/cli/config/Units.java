package io.vbrelay.cli.config;

import io.vbrelay.relay.stream.Batch;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the quantities of flags: {@code 2s}, {@code 0.0.0.0:8090}, {@code auto:100ms}. */
public final class Units {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h)");
    private static final Pattern ADDRESS = Pattern.compile("(\\[[0-9a-fA-F:.]+]|[^:\\[\\]]+):(\\d{1,5})");

    private Units() {}

    public static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected a time such as 2s or 500ms, got '" + text + "'");
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(amount);
            case "s" -> Duration.ofSeconds(amount);
            case "m" -> Duration.ofMinutes(amount);
            default -> Duration.ofHours(amount);
        };
    }

    /** A time, which packets wait then, {@code auto}, or both for the longest that they wait. */
    public static Batch batch(String text) {
        if (text.equals("auto")) {
            return Batch.DEFAULT;
        }
        boolean adaptive = text.startsWith("auto:");
        return new Batch(duration(adaptive ? text.substring("auto:".length()) : text), adaptive);
    }

    /** An address to listen on, not yet looked up. */
    public static InetSocketAddress address(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 65_535) {
            String host = matcher.group(1);
            String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
            return InetSocketAddress.createUnresolved(bare, Integer.parseInt(matcher.group(2)));
        }
        throw new IllegalArgumentException("expected HOST:PORT such as 0.0.0.0:8090, got '" + text + "'");
    }
}
