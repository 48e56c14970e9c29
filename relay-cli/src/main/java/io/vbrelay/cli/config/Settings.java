package io.vbrelay.cli.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What files, variables and flags say together, each value read by its key's type. A flag goes over a variable, a variable over a file.
 *
 * <p><b>Threads.</b> Not safe; made, read and thrown away by one.
 */
public final class Settings {
    /** A file's name with a slash in it never looks like a key. */
    private static final Pattern KEY_AND_VALUE =
            Pattern.compile("([A-Za-z][\\w-]*(?:\\.[\\w-]+)*)=(.*)", Pattern.DOTALL);

    private static final Pattern LIKE_KEY_AND_VALUE = Pattern.compile("[^/=]*=.*", Pattern.DOTALL);

    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final Map<String, Object> values = new HashMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private final List<String> warnings;
    private final Origin origin;

    /**
     * Reads the files; has no other effect.
     *
     * @param configs of {@code -c}, files and {@code key=value}, the later over the earlier
     * @param environment of the process
     * @param ofFlags variables that stand for flags of any command, so that they are not taken for slips
     * @param flagVariables what such variables set
     * @param flags what flags set
     */
    public Settings(
            List<String> configs,
            Map<String, String> environment,
            Set<String> ofFlags,
            List<Setting> flagVariables,
            List<Setting> flags) {
        Origin place = Origin.flag("cameras");
        for (String config : configs) {
            Matcher pair = KEY_AND_VALUE.matcher(config);
            if (pair.matches()) {
                put(Setting.of(pair.group(1), pair.group(2), Origin.flag("-c " + pair.group(1))));
            } else if (LIKE_KEY_AND_VALUE.matcher(config).matches()) {
                // Not shown: the value may be a password.
                problems.add(new Problem(
                        Origin.flag("-c"),
                        "",
                        "expected a file or KEY=VALUE, KEY of letters, digits, '-', '_' and dots"));
            } else {
                place = Origin.file(config, 1, 1);
                YamlFile.read(Path.of(config), problems).forEach(this::put);
            }
        }
        origin = place;
        Set<String> names = new LinkedHashSet<>();
        names.addAll(names("cameras", flags));
        names.addAll(names("outputs", flags));
        Variables variables = new Variables(environment, ofFlags);
        flagVariables.forEach(this::putBelowFlags);
        variables.settings(names).forEach(this::putBelowFlags);
        flags.forEach(this::put);
        warnings = variables.warnings(names);
        settings.values().forEach(this::read);
    }

    private void put(Setting setting) {
        settings.put(setting.path(), setting);
    }

    private void putBelowFlags(Setting setting) {
        Setting earlier = settings.get(setting.path());
        if (earlier == null || earlier.at().rank() != Origin.Rank.FLAG) {
            put(setting);
        }
    }

    private void read(Setting setting) {
        Optional<Key<?>> key = KnownPaths.key(setting.path());
        if (key.isEmpty()) {
            problems.add(new Problem(setting.at(), setting.path(), KnownPaths.unknown(setting.path())));
            return;
        }
        Type<?> type = key.get().type();
        if (setting.isList() && !type.isList()) {
            problems.add(new Problem(setting.at(), setting.path(), "expected one value, got a list"));
            return;
        }
        List<Object> elements = new ArrayList<>();
        for (Setting.Item item : setting.items()) {
            for (String text : type.split(item.text())) {
                try {
                    elements.add(type.parse(text));
                } catch (IllegalArgumentException e) {
                    problem(item.at(), setting.path(), e);
                }
            }
        }
        if (type.isList()) {
            values.put(setting.path(), elements);
        } else if (!elements.isEmpty()) {
            values.put(setting.path(), elements.get(elements.size() - 1));
        }
    }

    /** What a key is worth that nobody sets. */
    private static @Nullable Object preset(Key<?> key) {
        String text = key.preset().value();
        if (text == null) {
            return null;
        }
        Type<?> type = key.type();
        List<Object> elements = type.split(text).stream().map(type::parse).toList();
        return type.isList() ? elements : elements.get(0);
    }

    /** The value of a key, with the keys behind it that it falls back on; null where none says anything and there is no preset. */
    public <T> @Nullable T get(Key<T> key) {
        return get(key, "");
    }

    /** The same for a camera or a profile. */
    <T> @Nullable T get(Key<T> key, String name) {
        Key<?> last = key;
        for (Map.Entry<String, Key<?>> place : places(key, name).entrySet()) {
            if (values.containsKey(place.getKey())) {
                return key.type().cast(values.get(place.getKey()));
            }
            last = place.getValue();
        }
        return key.type().cast(preset(last));
    }

    /** Where a key's value may be said: the paths, in the order in which they are asked, and the key that each is of. */
    private static Map<String, Key<?>> places(Key<?> key, String name) {
        Map<String, Key<?>> places = new LinkedHashMap<>();
        Key<?> last = key;
        for (String path = key.path(name); path != null; path = last.fallback(path)) {
            last = KnownPaths.key(path).orElse(last);
            places.put(path, last);
        }
        return places;
    }

    /** What says the value of a key: the setting at its own path, or at one that it falls back on. */
    Optional<Setting> setting(Key<?> key, String name) {
        return places(key, name).keySet().stream()
                .filter(settings::containsKey)
                .findFirst()
                .flatMap(this::at);
    }

    Optional<Setting> at(String path) {
        return Optional.ofNullable(settings.get(path));
    }

    /** The names of cameras, or of profiles, in the order in which they were first said. */
    List<String> names(String section) {
        return names(section, List.of());
    }

    private List<String> names(String section, Collection<Setting> more) {
        Set<String> names = new LinkedHashSet<>();
        List<Setting> all = new ArrayList<>(settings.values());
        all.addAll(more);
        for (Setting setting : all) {
            String[] segments = setting.path().split("\\.", 3);
            if (segments[0].equals(section)
                    && segments.length == 3
                    && KnownPaths.isNamed(segments[0] + "." + segments[1])) {
                names.add(segments[1]);
            }
        }
        return List.copyOf(names);
    }

    /** Of the first setting whose path begins so. */
    Origin firstBelow(String start) {
        return settings.values().stream()
                .filter(setting -> setting.path().startsWith(start))
                .map(Setting::at)
                .findFirst()
                .orElse(origin);
    }

    /** Where what is missing would have been expected. */
    Origin origin() {
        return origin;
    }

    /** It turned out, when all was built, that what is configured can't be. */
    public ConfigException refused(IllegalArgumentException e) {
        return ConfigException.of(origin, String.valueOf(e.getMessage()));
    }

    List<Problem> problems() {
        return problems;
    }

    void problem(Origin at, String path, IllegalArgumentException e) {
        problems.add(new Problem(at, path, String.valueOf(e.getMessage())));
    }

    /** What a key is worth, as it was written, or would be; empty if nothing is. */
    List<String> texts(Key<?> key, String name) {
        Key<?> last = key;
        for (Map.Entry<String, Key<?>> place : places(key, name).entrySet()) {
            last = place.getValue();
            Setting setting = settings.get(place.getKey());
            if (setting != null) {
                Type<?> type = last.type();
                return setting.items().stream()
                        .flatMap(item -> type.split(item.text()).stream())
                        .toList();
            }
        }
        String preset = last.preset().value();
        return preset == null ? List.of() : last.type().split(preset);
    }

    /** What is suspicious and can be lived with, a line each. */
    public List<String> warnings() {
        return warnings;
    }
}
