package io.vbrelay.cli;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Takes what no flag says from the environment: {@code --max-viewers} from {@code VBRELAY_MAX_VIEWERS}. */
final class Environment implements IDefaultValueProvider {
    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    /** That of the program. */
    static Environment of(CommandSpec spec) {
        return (Environment) spec.commandLine().getDefaultValueProvider();
    }

    /** All of the process's. */
    Map<String, String> variables() {
        return variables;
    }

    static String variable(OptionSpec option) {
        return "VBRELAY_"
                + option.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        return variables.get(variable(option));
    }
}
