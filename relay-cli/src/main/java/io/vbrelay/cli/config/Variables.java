package io.vbrelay.cli.config;

import io.vbrelay.camera.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The environment variables of keys, {@code VBRELAY_CAMERAS_HARBOUR_READ_TIMEOUT} for {@code cameras.harbour.readTimeout}: the path
 * in capitals, with {@code _} for each dot and each {@code -}, and before each capital of the path.
 */
final class Variables {
    static final String PREFIX = "VBRELAY_";

    /** Read by the launcher, and by the health check of a container. */
    private static final List<String> OF_SCRIPTS = List.of("VBRELAY_JAVA_OPTS", "VBRELAY_HEALTH");

    private final Map<String, String> environment = new TreeMap<>();
    private final Set<String> ofFlags;

    /** @param ofFlags variables that stand for flags of any command */
    Variables(Map<String, String> environment, Set<String> ofFlags) {
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !value.isEmpty()) {
                this.environment.put(name, value);
            }
        });
        this.ofFlags = ofFlags;
    }

    static String of(String path) {
        return PREFIX
                + path.replaceAll("(?<=[a-z])(?=[A-Z])", "_")
                        .replaceAll("[.-]", "_")
                        .toUpperCase(Locale.ROOT);
    }

    /** @param names of the cameras and profiles that are known otherwise: letters lose their case in a variable */
    List<Setting> settings(Collection<String> names) {
        List<Setting> settings = new ArrayList<>();
        environment.forEach((name, value) ->
                path(name, names).ifPresent(path -> settings.add(Setting.of(path, value, Origin.variable(name)))));
        return settings;
    }

    /** A line for each variable that means nothing, with the nearest that does. */
    List<String> warnings(Collection<String> names) {
        Set<String> known = new TreeSet<>(ofFlags);
        known.addAll(OF_SCRIPTS);
        Keys.all()
                .forEach(key -> (key.isOfCamera() || key.isOfProfile() ? names.stream() : Stream.of(""))
                        .map(name -> of(key.path(name)))
                        .forEach(known::add));
        return environment.keySet().stream()
                .filter(name -> !known.contains(name) && path(name, names).isEmpty())
                .map(name -> name + ": no such variable; did you mean " + Nearest.of(name, known) + "?")
                .toList();
    }

    private static Optional<String> path(String variable, Collection<String> names) {
        return Keys.all().stream()
                .map(key -> path(key, variable, names))
                .flatMap(Optional::stream)
                .filter(path -> KnownPaths.key(path).isPresent())
                .findFirst();
    }

    private static Optional<String> path(Key<?> key, String variable, Collection<String> names) {
        Matcher matcher =
                Pattern.compile(of(key.path("\0")).replace("\0", "(.+)")).matcher(variable);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        if (matcher.groupCount() == 0) {
            return Optional.of(key.path());
        }
        String name = Objects.requireNonNull(matcher.group(1));
        String known = names.stream()
                .filter(candidate -> of(candidate).equals(PREFIX + name))
                .findFirst()
                .orElse(name.toLowerCase(Locale.ROOT));
        return Optional.of(key.path(known));
    }
}
