package io.vbrelay.cli.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rate such as {@code 500k}: {@code k}, {@code m} and {@code g}, large or small, are thousands, millions and thousands of millions. */
public record Bitrate(long bitsPerSecond) implements Comparable<Bitrate> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([kmgKMG]?)");

    public static Bitrate parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected bits a second such as 500k, 2m or 1g, got '" + text + "'");
        }
        long factor = switch (matcher.group(2).toLowerCase(Locale.ROOT)) {
            case "k" -> 1_000L;
            case "m" -> 1_000_000L;
            case "g" -> 1_000_000_000L;
            default -> 1L;
        };
        return new Bitrate(Long.parseLong(matcher.group(1)) * factor);
    }

    /** For one stream; what is beyond any stream's is the most that can be said, and refused as that. */
    public int ofStream() {
        return (int) Math.min(bitsPerSecond, Integer.MAX_VALUE);
    }

    @Override
    public int compareTo(Bitrate other) {
        return Long.compare(bitsPerSecond, other.bitsPerSecond);
    }
}
