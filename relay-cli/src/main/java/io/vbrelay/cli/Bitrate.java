package io.vbrelay.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rate such as {@code 500k}: {@code k}, {@code m} and {@code g} are thousands, millions and thousands of millions. */
record Bitrate(int bitsPerSecond) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})([kmg]?)");

    static Bitrate parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (matcher.matches()) {
            long factor = switch (matcher.group(2)) {
                case "k" -> 1_000L;
                case "m" -> 1_000_000L;
                case "g" -> 1_000_000_000L;
                default -> 1L;
            };
            long bits = Long.parseLong(matcher.group(1)) * factor;
            if (bits <= Integer.MAX_VALUE) {
                return new Bitrate((int) bits);
            }
        }
        throw new IllegalArgumentException("expected bits a second such as 500k or 2m, got '" + text + "'");
    }
}
