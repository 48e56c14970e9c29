package io.vbrelay.cli.config;

import java.util.List;

/**
 * One key as it was given, not yet read.
 *
 * @param path such as {@code cameras.harbour.fps}
 * @param items one, or those of a list
 * @param isList whether it was written as one
 * @param at of the first item
 */
public record Setting(String path, List<Item> items, boolean isList, Origin at) {
    /** One text. May be a secret, so {@link #toString} does not show it. */
    public record Item(String text, Origin at) {
        @Override
        public String toString() {
            return "… at " + at;
        }
    }

    public Setting {
        items = List.copyOf(items);
    }

    /** One text, as flags and variables have it. */
    public static Setting of(String path, String text, Origin at) {
        return new Setting(path, List.of(new Item(text, at)), false, at);
    }

    /** Several texts, each of which may hold several elements. */
    public static Setting of(String path, List<String> texts, Origin at) {
        return new Setting(path, texts.stream().map(text -> new Item(text, at)).toList(), true, at);
    }
}
