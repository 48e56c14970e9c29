package io.vbrelay.cli.config;

import io.vbrelay.relay.config.Profile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Writes every key with its value and where that comes from, as a file that means the same but for its secrets. */
public final class ShownConfig {
    static final String MASK = "***";
    private static final Pattern PLAIN = Pattern.compile("[\\w./][\\w./:@%+=-]*(?<!:)");

    /** Of any camera; in a URL a login has no slash, and a query may hold another password. */
    private static final Pattern URL = Pattern.compile("(https?://)([^/?#]*@)?([^?#]*)(\\?[^#]*)?(#.*)?");

    private static final Pattern OTHER = Pattern.compile("(\\w+://)(.*@)?(.*)()()");

    private final Settings settings;
    private final StringBuilder out = new StringBuilder();
    private List<String> open = List.of();

    private ShownConfig(Settings settings) {
        this.settings = settings;
    }

    /** Settings that have been found right. */
    public static String yaml(Settings settings) {
        ShownConfig shown = new ShownConfig(settings);
        Set<String> sections = new LinkedHashSet<>();
        Keys.all().forEach(key -> sections.add(key.section()));
        sections.forEach(shown::section);
        return shown.out.toString();
    }

    private void section(String section) {
        List<Key<?>> keys =
                Keys.all().stream().filter(key -> key.section().equals(section)).toList();
        for (String name : names(keys.get(0))) {
            keys.forEach(key -> line(key, name));
        }
    }

    private Set<String> names(Key<?> key) {
        Set<String> names = new LinkedHashSet<>();
        if (key.isOfCamera()) {
            names.addAll(settings.names("cameras"));
        } else {
            names.add(Profile.DEFAULT_NAME);
        }
        if (key.isOfProfile()) {
            names.addAll(settings.names("outputs"));
        }
        return names;
    }

    private void line(Key<?> key, String name) {
        List<String> path = List.of(key.path(name).split("\\.", -1));
        List<String> section = path.subList(0, path.size() - 1);
        for (int depth = 0; depth < section.size(); depth++) {
            if (depth >= open.size() || !section.subList(0, depth + 1).equals(open.subList(0, depth + 1))) {
                indent(depth).append(section.get(depth)).append(":\n");
            }
        }
        open = section;
        indent(section.size()).append(key.name()).append(':');
        List<String> texts = new ArrayList<>(settings.texts(key, name));
        texts.replaceAll(text -> quoted(masked(key, name, text)));
        if (!texts.isEmpty()) {
            out.append(' ').append(texts.size() == 1 ? texts.get(0) : texts.toString());
        }
        out.append("  # ").append(origin(key, name)).append('\n');
    }

    private StringBuilder indent(int depth) {
        return out.append("  ".repeat(depth));
    }

    private String origin(Key<?> key, String name) {
        String path = key.path(name);
        Optional<Setting> own = settings.at(path);
        String fallback = key.fallback(path);
        return own.map(setting -> setting.at().toString())
                .orElse(
                        fallback != null
                                ? "as " + fallback
                                : key.preset().value() != null
                                        ? "default"
                                        : "default: " + key.preset().words());
    }

    private String masked(Key<?> key, String name, String text) {
        if (key.type().equals(Type.SECRET)) {
            return MASK;
        }
        if (key.type().isPath()) {
            return absolute(key, name, text);
        }
        return key.type().equals(Type.SOURCES) ? masked(text) : text;
    }

    /** The address without what may be a password in it. */
    static String masked(String address) {
        var parts = (address.startsWith("http") ? URL : OTHER).matcher(address);
        if (!parts.matches()) {
            return address; // Of a chart or a file.
        }
        String login = parts.group(2) == null ? "" : parts.group(2).replaceFirst(":.*@$", ":" + MASK + "@");
        String query = parts.group(4) == null || parts.group(4).isEmpty() ? "" : "?" + MASK;
        return parts.group(1) + login + parts.group(3) + query + (parts.group(5) == null ? "" : parts.group(5));
    }

    private String absolute(Key<?> key, String name, String text) {
        return settings.setting(key, name)
                .filter(setting -> setting.at().isFile() && !text.startsWith("$"))
                .map(setting -> Path.of(setting.at().name())
                        .toAbsolutePath()
                        .resolveSibling(text)
                        .toString())
                .orElse(text);
    }

    private static String quoted(String text) {
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "''") + "'";
    }
}
