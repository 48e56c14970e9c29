package io.vbrelay.cli.config;

import java.util.Comparator;

/**
 * Something wrong with the configuration, in one line.
 *
 * @param path of the key; empty when no key is concerned
 * @param message what was expected; never shows a password
 */
public record Problem(Origin at, String path, String message) implements Comparable<Problem> {
    private static final Comparator<Problem> ORDER =
            Comparator.comparing(Problem::at).thenComparing(Problem::path).thenComparing(Problem::message);

    /** Whether it is in how the program was called, and not in a file or the environment. */
    public boolean isUsage() {
        return at.rank() == Origin.Rank.FLAG;
    }

    /** Whether its text begins with a file's name, line and column. */
    public boolean isInFile() {
        return at.isFile();
    }

    @Override
    public int compareTo(Problem other) {
        return ORDER.compare(this, other);
    }

    /** A flag or a variable is as good a name as the key's path, and the one that was written. */
    @Override
    public String toString() {
        return at + ": " + (at.isFile() && !path.isEmpty() ? path + ": " : "") + message;
    }
}
