package io.vbrelay.cli.config;

import io.vbrelay.camera.Nearest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Finds keys by paths with names of cameras and profiles in them, such as {@code cameras.harbour.fps}, and guesses what was meant. */
final class KnownPaths {
    private static final String NAME = "[A-Za-z0-9_-]{1,64}";

    /** What stands beside the profiles, or could be taken for a format. */
    private static final String NO_PROFILE = "formats|flv|webm|mp4|mjpeg|jpeg";

    private static final Map<String, String> PLACEHOLDERS =
            Map.of(Key.CAMERA, NAME, Key.PROFILE, "(?!(?:" + NO_PROFILE + ")(?:\\.|$))" + NAME);

    /** Letters that differ between a slip and what was meant, at most. */
    private static final int LONGEST_SLIP = 2;

    private static final List<Known> KNOWN = known();

    /**
     * A key, or a section of some.
     *
     * @param section the path without the name; empty at the top
     * @param name a placeholder where the operator gives one
     * @param key null for a section
     */
    private record Known(
            String section,
            String name,
            Pattern path,
            @Nullable Key<?> key) {
        boolean isAt(String text) {
            return path.matcher(text).matches();
        }
    }

    private KnownPaths() {}

    private static List<Known> known() {
        Map<String, Known> known = new LinkedHashMap<>();
        for (Key<?> key : Keys.all()) {
            String section = "";
            for (String name : key.path().split("\\.", -1)) {
                String path = section.isEmpty() ? name : section + "." + name;
                known.putIfAbsent(path, new Known(section, name, pattern(path), path.equals(key.path()) ? key : null));
                section = path;
            }
        }
        return List.copyOf(known.values());
    }

    private static Pattern pattern(String path) {
        List<String> segments = new ArrayList<>(List.of(path.split("\\.", -1)));
        segments.replaceAll(segment -> PLACEHOLDERS.getOrDefault(segment, segment));
        return Pattern.compile(String.join("\\.", segments));
    }

    /** The key at this path. */
    static Optional<Key<?>> key(String path) {
        for (Known known : KNOWN) {
            if (known.key != null && known.isAt(path)) {
                return Optional.of(known.key);
            }
        }
        return Optional.empty();
    }

    /** Whether keys may be below this path. */
    static boolean isSection(String path) {
        return KNOWN.stream().anyMatch(known -> known.key == null && known.isAt(path));
    }

    /** Whether this is a section whose name the operator gives: a camera or a profile. */
    static boolean isNamed(String path) {
        return KNOWN.stream()
                .anyMatch(known -> known.key == null && PLACEHOLDERS.containsKey(known.name) && known.isAt(path));
    }

    /** What a name looks like where a path has this placeholder; null for any other segment. */
    static @Nullable String placeholder(String segment) {
        return PLACEHOLDERS.get(segment);
    }

    /** What to say of a path where nothing is known: where it leaves what is. Shows of it only what is a word. */
    static String unknown(String whole) {
        String path = whole;
        int dot = path.lastIndexOf('.');
        while (dot > 0 && !isSection(path.substring(0, dot))) {
            path = path.substring(0, dot);
            dot = path.lastIndexOf('.');
        }
        return unknown(path.substring(0, Math.max(dot, 0)), path.substring(dot + 1));
    }

    private static String unknown(String section, String name) {
        if (section.equals("outputs") && name.matches(NO_PROFILE)) {
            return "'" + name + "' is a format, or stands for them, and can't be a profile's name; choose another";
        }
        if (!name.matches(NAME)) {
            return "expected a name of 1 to 64 letters, digits, '-' and '_'";
        }
        List<String> siblings = below(section);
        String nearest = Nearest.of(name, siblings);
        int slip = Nearest.distance(name.toLowerCase(Locale.ROOT), nearest.toLowerCase(Locale.ROOT));
        if (slip <= LONGEST_SLIP && !nearest.isEmpty()) {
            return "unknown key '" + name + "'; did you mean '" + nearest + "'?";
        }
        String elsewhere = elsewhere(section, name);
        return "unknown key '" + name + "'; "
                + (elsewhere.isEmpty()
                        ? "expected some of " + String.join(", ", siblings)
                        : "did you mean " + elsewhere + "?");
    }

    /** Names of keys and sections; without placeholders, for which there is no nearest. */
    private static List<String> below(String section) {
        return KNOWN.stream()
                .filter(known -> pattern(known.section).matcher(section).matches())
                .map(Known::name)
                .filter(name -> !PLACEHOLDERS.containsKey(name))
                .toList();
    }

    /** Paths of keys of this name, or with a flag of this name; those near to the section if there are such. */
    private static String elsewhere(String section, String name) {
        String root = section.split("\\.", -1)[0] + ".";
        List<String> all = Keys.all().stream()
                .filter(key -> key.name().equalsIgnoreCase(name) || ("--" + name).equals(key.flag()))
                .map(Key::path)
                .toList();
        List<String> near = all.stream().filter(path -> path.startsWith(root)).toList();
        return (near.isEmpty() ? all : near)
                .stream().map(path -> "'" + path + "'").collect(Collectors.joining(" or "));
    }
}
