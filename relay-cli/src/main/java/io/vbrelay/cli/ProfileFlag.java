package io.vbrelay.cli;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.stream.Format;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of {@code --profile}: a name and what differs from the default profile, such as {@code low fps=4 bitrate=150k
 * size=160x120}. A word without {@code =} begins the next profile, so one variable is enough for all.
 */
record ProfileFlag(String name, Map<String, String> settings) {
    private static final String KEYS = "fps, bitrate, size, gop, qmin, qmax, flv, webm, mp4";

    static List<ProfileFlag> parse(String text) {
        List<ProfileFlag> profiles = new ArrayList<>();
        for (String word : text.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                profiles.add(new ProfileFlag(word, new LinkedHashMap<>()));
            } else if (profiles.isEmpty()) {
                throw new IllegalArgumentException("expected a name first, such as 'low fps=4', got '" + text + "'");
            } else {
                ProfileFlag last = profiles.get(profiles.size() - 1);
                last.settings.put(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return profiles;
    }

    /**
     * The profile, with the base's values where this one has none.
     *
     * @throws IllegalArgumentException in one line
     */
    Profile over(Profile base) {
        double fps = base.fps();
        int bitsPerSecond = base.bitsPerSecond();
        PictureSize size = base.size();
        Duration gop = base.gop();
        Quantisers quantisers = base.quantisers();
        Map<Format, List<String>> encoders = new EnumMap<>(Format.class);
        encoders.putAll(base.encoders());
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String value = setting.getValue();
            switch (setting.getKey()) {
                case "fps" -> fps = number(value);
                case "bitrate" -> bitsPerSecond = Bitrate.parse(value).bitsPerSecond();
                case "size" -> size = PictureSize.parse(value);
                case "gop" -> gop = Units.duration(value);
                case "qmin" ->
                    quantisers = quantisers((int) number(value), quantisers == null ? null : quantisers.max());
                case "qmax" ->
                    quantisers = quantisers(quantisers == null ? null : quantisers.min(), (int) number(value));
                case "flv", "webm", "mp4" ->
                    encoders.put(Format.parse(setting.getKey()), List.of(value.split(",", -1)));
                default ->
                    throw new IllegalArgumentException(
                            "profile " + name + ": expected some of " + KEYS + ", got '" + setting.getKey() + "'");
            }
        }
        return new Profile(name, fps, bitsPerSecond, size, gop, quantisers, encoders);
    }

    /** One limit alone leaves the other end open. */
    static @Nullable Quantisers quantisers(@Nullable Integer min, @Nullable Integer max) {
        return min == null && max == null
                ? null
                : new Quantisers(min == null ? Quantisers.FINEST : min, max == null ? Quantisers.COARSEST : max);
    }

    private static double number(String text) {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a number, got '" + text + "'", e);
        }
    }
}
