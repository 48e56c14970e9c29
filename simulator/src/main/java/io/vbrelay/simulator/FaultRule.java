package io.vbrelay.simulator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which pictures a fault strikes. Pictures are counted over all connections, from 1, since the rule came into force.
 *
 * @param first the first picture struck, 1 or more
 * @param every the distance to the next, and so on; 0 strikes once
 */
public record FaultRule(Fault fault, int first, int every) {
    private static final Pattern TEXT = Pattern.compile("([a-z-]+)(?:([@/])(\\d{1,9}))?");

    public FaultRule {
        if (first < 1 || every < 0) {
            throw new IllegalArgumentException(
                    "fault: expected a first picture of at least 1 and a distance of at least 0, got '" + first
                            + "' and '" + every + "'");
        }
    }

    /** Strikes every picture. */
    public static FaultRule always(Fault fault) {
        return new FaultRule(fault, 1, 1);
    }

    /** Strikes one picture only. */
    public static FaultRule once(Fault fault, int picture) {
        return new FaultRule(fault, picture, 0);
    }

    /** Strikes every n-th picture. */
    public static FaultRule every(Fault fault, int pictures) {
        return new FaultRule(fault, pictures, pictures);
    }

    /** Reads {@code cut} (every picture), {@code cut@30} (the 30th) and {@code cut/30} (every 30th). */
    public static FaultRule parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "fault: expected NAME, NAME@PICTURE or NAME/PICTURES, got '" + text + "'");
        }
        Fault fault = Fault.parse(matcher.group(1));
        if (matcher.group(2) == null) {
            return always(fault);
        }
        int pictures = Integer.parseInt(matcher.group(3));
        return matcher.group(2).equals("@") ? once(fault, pictures) : every(fault, pictures);
    }

    boolean strikes(long picture) {
        return every == 0 ? picture == first : picture >= first && (picture - first) % every == 0;
    }
}
