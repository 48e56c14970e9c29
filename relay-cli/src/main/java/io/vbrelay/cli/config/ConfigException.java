package io.vbrelay.cli.config;

import java.util.List;
import java.util.stream.Collectors;

/** The configuration can't be used; has everything that is wrong with it. */
public final class ConfigException extends Exception {
    private final transient List<Problem> problems;

    ConfigException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = problems;
    }

    public static ConfigException of(Origin at, String message) {
        return new ConfigException(List.of(new Problem(at, "", message)));
    }

    /** Sorted by where they are; at least one. */
    public List<Problem> problems() {
        return problems;
    }
}
