package io.vbrelay.cli.config;

import java.util.Comparator;

/**
 * Where a value was given, which is named when it is wrong.
 *
 * @param name of the file, variable or flag
 * @param line of a file, from 1; 0 of all others
 * @param column of a file, from 1; 0 of all others
 */
public record Origin(Rank rank, String name, int line, int column) implements Comparable<Origin> {
    /** What goes over what: the last over all others. */
    public enum Rank {
        FILE,
        VARIABLE,
        FLAG
    }

    private static final Comparator<Origin> ORDER = Comparator.comparing(Origin::rank)
            .thenComparing(Origin::name)
            .thenComparingInt(Origin::line)
            .thenComparingInt(Origin::column);

    static Origin file(String name, int line, int column) {
        return new Origin(Rank.FILE, name, line, column);
    }

    public static Origin variable(String name) {
        return new Origin(Rank.VARIABLE, name, 0, 0);
    }

    public static Origin flag(String name) {
        return new Origin(Rank.FLAG, name, 0, 0);
    }

    /** A part of what a flag or a variable says. */
    Origin part(String part) {
        return new Origin(rank, name + " " + part, line, column);
    }

    boolean isFile() {
        return rank == Rank.FILE;
    }

    @Override
    public int compareTo(Origin other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return isFile() ? name + ":" + line + ":" + column : name;
    }
}
