package io.vbrelay.cli;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Takes what no flag says from the environment: {@code --max-viewers} from {@code VBRELAY_MAX_VIEWERS}. */
final class Environment implements IDefaultValueProvider {
    private final Map<String, String> variables;

    Environment(Map<String, String> variables) {
        this.variables = variables;
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
            return null;
        }
        String name = option.longestName().substring(2).toUpperCase(Locale.ROOT).replace('-', '_');
        return variables.get("VBRELAY_" + name);
    }
}
