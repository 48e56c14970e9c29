package io.vbrelay.cli;

import io.vbrelay.cli.config.CameraFlag;
import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Key;
import io.vbrelay.cli.config.Keys;
import io.vbrelay.cli.config.Origin;
import io.vbrelay.cli.config.ProfileFlag;
import io.vbrelay.cli.config.Setting;
import io.vbrelay.cli.config.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The flags that configure a relay: one for each key that has one, and those that say several keys at once. */
final class ConfigOptions {
    private static final String CONFIG = "--config";
    private static final String CAMERA = "--camera";
    private static final String PROFILE = "--profile";

    private ConfigOptions() {}

    /** For {@code run}, and for what tells how it would run. */
    static void addAll(CommandSpec spec) {
        spec.addOption(text(
                "FILE|KEY=VALUE",
                "A file of keys (docs/configuration.md), or one key such as limits.viewers=50; repeatable, the later"
                        + " goes over the earlier.",
                "-c",
                CONFIG));
        spec.addOption(text(
                "[NAME=]URI",
                "A camera, such as vbc10://192.0.2.10 or harbour=vbc10://user:password@192.0.2.10; repeatable. Several"
                        + " addresses separated by blanks are tried in that order.",
                CAMERA));
        addKeys(spec, key -> true);
    }

    /** Those keys, and profiles. */
    static void addKeys(CommandSpec spec, Predicate<String> isWanted) {
        for (Key<?> key : Keys.all()) {
            String flag = key.flag();
            if (flag != null && isWanted.test(flag)) {
                spec.addOption(option(flag, key));
            }
        }
        spec.addOption(text(
                "NAME KEY=VALUE...",
                "One more way to encode, picked by ?profile=NAME, such as 'low fps=4 bitrate=150k size=160x120'; keys are fps,"
                        + " bitrate, size, gop, qmin, qmax, flv, webm, mp4, and what is not given is as above; repeatable.",
                PROFILE));
    }

    private static OptionSpec text(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .paramLabel(label)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description(description)
                .build();
    }

    /** All are texts to Picocli: the key reads them, as it does what a file says. */
    private static OptionSpec option(String flag, Key<?> key) {
        OptionSpec.Builder option = OptionSpec.builder(flag)
                .paramLabel(key.type().label())
                .description(key.meaning() + " (default: " + key.preset().words() + ").")
                .defaultValue(key.preset().value());
        if (key.type().isSwitch()) {
            option.arity("0..1").fallbackValue("true");
        }
        return key.type().isList()
                ? option.type(List.class).auxiliaryTypes(String.class).build()
                : option.type(String.class).build();
    }

    /**
     * What files, variables and these flags say.
     *
     * @throws ConfigException when {@code --camera} or {@code --profile} can't be taken apart; all else is found later
     */
    static Settings settings(CommandSpec spec) throws ConfigException {
        Map<String, String> environment = Environment.of(spec).variables();
        List<String> configs = values(spec, CONFIG);
        String config = environment.getOrDefault("VBRELAY_CONFIG", "");
        return new Settings(
                configs.isEmpty() && !config.isEmpty() ? List.of(config) : configs,
                environment,
                variables(spec),
                flagVariables(spec, environment),
                flags(spec));
    }

    /**
     * The same, where neither a file nor a key's own variable is taken.
     *
     * @param presets in place of the keys'
     */
    static Settings settings(CommandSpec spec, List<Setting> presets) throws ConfigException {
        List<Setting> below = new ArrayList<>(presets);
        below.addAll(flagVariables(spec, Environment.of(spec).variables()));
        return new Settings(List.of(), Map.of(), Set.of(), below, flags(spec));
    }

    private static List<Setting> flags(CommandSpec spec) throws ConfigException {
        List<Setting> settings = new ArrayList<>();
        settings.addAll(CameraFlag.settings(values(spec, CAMERA), Origin.flag(CAMERA)));
        for (String value : values(spec, PROFILE)) {
            settings.addAll(ProfileFlag.settings(value, Origin.flag(PROFILE)));
        }
        for (Key<?> key : Keys.all()) {
            String flag = key.flag();
            List<String> values = flag == null ? List.of() : values(spec, flag);
            if (flag != null && !values.isEmpty()) {
                Origin origin = Origin.flag(flag);
                settings.add(
                        key.type().isList()
                                ? Setting.of(key.pathOfFlag(), values, origin)
                                : Setting.of(key.pathOfFlag(), values.get(0), origin));
            }
        }
        return settings;
    }

    /** Of flags that are not given. */
    private static List<Setting> flagVariables(CommandSpec spec, Map<String, String> environment)
            throws ConfigException {
        List<Setting> settings = new ArrayList<>();
        for (OptionSpec option : spec.options()) {
            String variable = Environment.variable(option);
            String value = environment.get(variable);
            String flag = option.longestName();
            if (value == null || value.isEmpty() || !values(spec, flag).isEmpty()) {
                continue;
            }
            Origin origin = Origin.variable(variable);
            if (flag.equals(CAMERA)) {
                settings.addAll(CameraFlag.settings(List.of(value), origin));
            } else if (flag.equals(PROFILE)) {
                settings.addAll(ProfileFlag.settings(value, origin));
            }
            for (Key<?> key : Keys.all()) {
                if (flag.equals(key.flag())) {
                    settings.add(Setting.of(key.pathOfFlag(), value, origin));
                }
            }
        }
        return settings;
    }

    /** What a flag was given on the command line, variables and defaults aside; empty if it was not. */
    private static List<String> values(CommandSpec spec, String flag) {
        OptionSpec given = spec.commandLine().getParseResult().matchedOption(flag);
        @Nullable Object value = given == null ? null : given.getValue();
        return value instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : value == null ? List.of() : List.of(value.toString());
    }

    /** Of every flag of every command: each may be set for another one. */
    private static Set<String> variables(CommandSpec spec) {
        Set<String> variables = new TreeSet<>();
        collect(spec.root().commandLine(), variables);
        return variables;
    }

    private static void collect(CommandLine command, Set<String> variables) {
        command.getCommandSpec().options().forEach(option -> variables.add(Environment.variable(option)));
        command.getSubcommands().values().forEach(below -> collect(below, variables));
    }
}
