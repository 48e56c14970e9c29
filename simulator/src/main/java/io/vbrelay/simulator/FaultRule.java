package io.vbrelay.simulator;

import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * When a fault strikes. What it strikes (pictures, answers: {@link Fault.Place}) is counted over all connections, from 1,
 * since the rule came into force. All that a rule says must be true at once.
 *
 * @param first the first that is struck, 1 or more
 * @param every the distance to the next, and so on; 0 strikes once
 * @param percent how many of those are struck, by chance; 100 is all
 * @param from nothing is struck earlier after the rule came into force
 * @param until nothing is struck from then on; {@link #FOREVER} has no end
 */
public record FaultRule(Fault fault, int first, int every, double percent, Duration from, Duration until) {
    public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

    private static final String FORM =
            "NAME, NAME@PICTURE or NAME/PICTURES, then maybe %PERCENT, then maybe :SECONDS-SECONDS";
    private static final Pattern TEXT =
            Pattern.compile("(?<name>[a-z0-9-]+)((?<how>[@/])(?<count>\\d{1,9}))?(%(?<percent>\\d{1,3}(\\.\\d{1,9})?))?"
                    + "(:(?<from>\\d{1,9})-(?<until>\\d{1,9})?)?");

    public FaultRule {
        if (first < 1 || every < 0) {
            throw new IllegalArgumentException(
                    "fault: expected a first picture of at least 1 and a distance of at least 0, got '" + first
                            + "' and '" + every + "'");
        }
        if (!(percent >= 0 && percent <= 100)) {
            throw new IllegalArgumentException("fault: expected 0 to 100 %, got '" + percent + "'");
        }
        if (from.isNegative() || from.compareTo(until) >= 0) {
            throw new IllegalArgumentException(
                    "fault: expected a time that begins before it ends, got '" + from + "' and '" + until + "'");
        }
    }

    public FaultRule(Fault fault, int first, int every) {
        this(fault, first, every, 100, Duration.ZERO, FOREVER);
    }

    /** Strikes everything. */
    public static FaultRule always(Fault fault) {
        return new FaultRule(fault, 1, 1);
    }

    /** Strikes one only. */
    public static FaultRule once(Fault fault, int picture) {
        return new FaultRule(fault, picture, 0);
    }

    /** Strikes every n-th. */
    public static FaultRule every(Fault fault, int pictures) {
        return new FaultRule(fault, pictures, pictures);
    }

    /** Strikes by chance. */
    public static FaultRule sometimes(Fault fault, double percent) {
        return new FaultRule(fault, 1, 1, percent, Duration.ZERO, FOREVER);
    }

    /**
     * Reads {@code cut} (everything), {@code cut@30} (the 30th), {@code cut/30} (every 30th) and {@code cut%1} (one percent of
     * all), each with a time behind it if wanted: {@code cut%1:60-90}, from the 60th second until the 90th.
     */
    public static FaultRule parse(String text) {
        Matcher rule = TEXT.matcher(text);
        if (!rule.matches()) {
            throw new IllegalArgumentException("fault: expected " + FORM + ", got '" + text + "'");
        }
        int count = rule.group("count") == null ? 1 : Integer.parseInt(rule.group("count"));
        return new FaultRule(
                Fault.parse(rule.group("name")),
                count,
                "@".equals(rule.group("how")) ? 0 : count,
                rule.group("percent") == null ? 100 : Double.parseDouble(rule.group("percent")),
                rule.group("from") == null ? Duration.ZERO : seconds(rule.group("from")),
                rule.group("until") == null ? FOREVER : seconds(rule.group("until")));
    }

    private static Duration seconds(String text) {
        return Duration.ofSeconds(Long.parseLong(text));
    }

    /** Whether this picture or answer is struck, when the rule is of this age. */
    boolean strikes(long number, Duration age, RandomGenerator chance) {
        boolean isItsTurn = every == 0 ? number == first : number >= first && (number - first) % every == 0;
        return isItsTurn && isOpen(age) && (percent == 100 || chance.nextDouble() * 100 < percent);
    }

    boolean isOpen(Duration age) {
        return age.compareTo(from) >= 0 && age.compareTo(until) < 0;
    }

    /** As {@link #parse} reads it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(fault.toString());
        if (every != 1 || first != 1) {
            text.append(every == 0 ? '@' : '/').append(first);
        }
        if (percent != 100) {
            text.append('%').append(percent);
        }
        if (!from.isZero() || !until.equals(FOREVER)) {
            text.append(':').append(from.toSeconds()).append('-');
            text.append(until.equals(FOREVER) ? "" : Long.toString(until.toSeconds()));
        }
        return text.toString();
    }
}
