package io.vbrelay.cli;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.stream.Format;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A value of {@code --profile}: a name and what differs from the default profile, such as {@code low fps=4 bitrate=150k
 * size=160x120}. A word without {@code =} begins the next profile, so one variable is enough for all.
 */
record ProfileFlag(String name, Map<String, String> settings) {
    private static final List<String> KEYS =
            List.of("fps", "bitrate", "size", "gop", "qmin", "qmax", "flv", "webm", "mp4");

    static List<ProfileFlag> parse(String text) {
        List<ProfileFlag> profiles = new ArrayList<>();
        for (String word : text.strip().split("\\s+", -1)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                profiles.add(new ProfileFlag(word, new LinkedHashMap<>()));
            } else if (profiles.isEmpty()) {
                throw new IllegalArgumentException(
                        "profile: expected a name first, such as 'low fps=4', got '" + text + "'");
            } else {
                profiles.get(profiles.size() - 1).set(word.substring(0, equals), word.substring(equals + 1));
            }
        }
        return profiles;
    }

    private void set(String key, String value) {
        if (!KEYS.contains(key)) {
            throw new IllegalArgumentException(
                    "profile " + name + ": expected some of " + String.join(", ", KEYS) + ", got '" + key + "'");
        }
        settings.put(key, value);
    }

    /**
     * The profile, with the base's values where this one has none.
     *
     * @throws IllegalArgumentException in one line
     */
    Profile over(Profile base) {
        Quantisers usual = base.quantisers();
        Map<Format, List<String>> encoders = new EnumMap<>(Format.class);
        encoders.putAll(base.encoders());
        for (Format container : List.of(Format.FLV, Format.WEBM, Format.MP4)) {
            read(container.label(), text -> List.of(text.split(",", -1)))
                    .ifPresent(names -> encoders.put(container, names));
        }
        try {
            return new Profile(
                    name,
                    read("fps", Double::valueOf).orElse(base.fps()),
                    read("bitrate", text -> Bitrate.parse(text).ofStream()).orElse(base.bitsPerSecond()),
                    read("size", PictureSize::parse).orElse(base.size()),
                    read("gop", Units::duration).orElse(base.gop()),
                    quantisers(
                            read("qmin", Integer::valueOf).orElse(usual == null ? null : usual.min()),
                            read("qmax", Integer::valueOf).orElse(usual == null ? null : usual.max())),
                    encoders);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("profile " + name + ": " + e.getMessage(), e);
        }
    }

    private <T> Optional<T> read(String key, Function<String, T> parser) {
        String text = settings.get(key);
        if (text == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(parser.apply(text));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + ": expected a number, got '" + text + "'", e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(key + ": " + Converters.withoutKey(e), e);
        }
    }

    /** One limit alone leaves the other end open. */
    static @Nullable Quantisers quantisers(@Nullable Integer min, @Nullable Integer max) {
        return min == null && max == null
                ? null
                : new Quantisers(min == null ? Quantisers.FINEST : min, max == null ? Quantisers.COARSEST : max);
    }
}
