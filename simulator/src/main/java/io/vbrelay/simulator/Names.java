package io.vbrelay.simulator;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How the constants of this package are written on a command line: {@code ACCEPT_AND_STALL} is {@code accept-and-stall}. */
final class Names {
    private Names() {}

    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Reads what {@link #of} writes.
     *
     * @param key names the setting in the message
     * @throws IllegalArgumentException in one line with all that are known
     */
    static <E extends Enum<E>> E parse(Class<E> type, String key, String text) {
        E[] constants = type.getEnumConstants();
        return Arrays.stream(constants)
                .filter(constant -> of(constant).equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(key + ": expected one of "
                        + Arrays.stream(constants).map(Names::of).collect(Collectors.joining(", ")) + ", got '" + text
                        + "'"));
    }
}
