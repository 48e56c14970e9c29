package io.vbrelay.camera;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * One mapping of a dialect file, read key by key. What is missing, of the wrong kind or out of bounds is an {@link
 * IllegalArgumentException} of one line that names file, dialect and key. A key that nobody asked for is found by {@link #end}.
 */
final class Section {
    private static final int MAX_MILLIS = 3_600_000;
    private static final Pattern HEX = Pattern.compile("([0-9a-fA-F]{2})*");
    private static final int LONGEST_SHOWN = 40;

    private final String where;
    private final String path;
    private final JsonNode node;
    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> everyPath;

    /** @param where file and dialect, for messages */
    Section(String where, JsonNode node) {
        this(where, "", node, new TreeSet<>());
    }

    private Section(String where, String path, JsonNode node, Set<String> everyPath) {
        this.where = where;
        this.path = path;
        this.node = node;
        this.everyPath = everyPath;
    }

    /** Every key asked for so far, here and in the sections below, with its path. */
    Set<String> everyPath() {
        return everyPath;
    }

    Section section(String key) {
        return new Section(where, path + key + ".", get(key, JsonNode::isObject, "a mapping"), everyPath);
    }

    List<Section> sections(String key) {
        List<Section> sections = new ArrayList<>();
        for (JsonNode element : get(key, JsonNode::isArray, "a list")) {
            if (!element.isObject()) {
                throw wrong(key, "a list of mappings", shown(element));
            }
            sections.add(new Section(where, path + key + ".", element, everyPath));
        }
        return sections;
    }

    boolean has(String key) {
        ask(key);
        return node.has(key);
    }

    String text(String key) {
        return get(key, JsonNode::isTextual, "text in quotes").textValue();
    }

    String text(String key, String otherwise) {
        return has(key) ? text(key) : otherwise;
    }

    boolean flag(String key) {
        return get(key, JsonNode::isBoolean, "true or false").booleanValue();
    }

    int number(String key, int min, int max) {
        String expected = "a number from " + min + " to " + max;
        JsonNode value = get(key, JsonNode::isIntegralNumber, expected);
        if (!value.canConvertToInt() || value.intValue() < min || value.intValue() > max) {
            throw wrong(key, expected, shown(value));
        }
        return value.intValue();
    }

    /** Milliseconds, from this many up to an hour. */
    Duration millis(String key, int min) {
        return Duration.ofMillis(number(key, min, MAX_MILLIS));
    }

    /** Hexadecimal bytes, blanks removed; never shown when they are wrong, since they are a secret. */
    String secret(String key) {
        String bytes = text(key).replace(" ", "");
        if (!HEX.matcher(bytes).matches()) {
            throw wrong(key, "pairs of hexadecimal digits", "…");
        }
        return bytes;
    }

    /** Hexadecimal bytes, blanks removed. */
    String hex(String key, String... placeholders) {
        return hex(key, get(key, JsonNode::isTextual, "hexadecimal bytes in quotes"), placeholders);
    }

    List<String> hexes(String key) {
        List<String> bytes = new ArrayList<>();
        for (JsonNode element : get(key, JsonNode::isArray, "a list")) {
            bytes.add(hex(key, element));
        }
        return bytes;
    }

    /** One byte, 0 to 255. */
    int octet(String key) {
        String hex = hex(key);
        if (hex.length() != 2) {
            throw wrong(key, "one hexadecimal byte", hex);
        }
        return Integer.parseInt(hex, 16);
    }

    <E extends Enum<E>> E choice(String key, Class<E> type) {
        List<E> values = List.of(type.getEnumConstants());
        String chosen = choice(key, values.stream().map(Section::written).toList());
        return values.stream()
                .filter(value -> written(value).equals(chosen))
                .findFirst()
                .orElseThrow();
    }

    String choice(String key, List<String> values) {
        String expected = String.join(" or ", values);
        String value = get(key, JsonNode::isTextual, expected).textValue();
        if (!values.contains(value)) {
            throw wrong(key, expected, value);
        }
        return value;
    }

    /** The first value when the key is missing. */
    String choiceOrFirst(String key, List<String> values) {
        return has(key) ? choice(key, values) : values.get(0);
    }

    /** Refuses what was not asked for. */
    void end() {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        where + ": " + path + key + ": no such key, the nearest is '" + Nearest.of(key, known) + "'");
            }
        });
    }

    IllegalArgumentException wrong(String key, String expected, String got) {
        return new IllegalArgumentException(
                where + ": " + path + key + ": expected " + expected + ", got '" + got + "'");
    }

    private void ask(String key) {
        known.add(key);
        everyPath.add(path + key);
    }

    private JsonNode get(String key, Predicate<JsonNode> isKind, String expected) {
        ask(key);
        JsonNode value = node.get(key);
        if (value == null || !isKind.test(value)) {
            throw wrong(key, expected, value == null ? "" : shown(value));
        }
        return value;
    }

    private String hex(String key, JsonNode value, String... placeholders) {
        String bytes = value.isTextual() ? value.textValue().replace(" ", "") : "?";
        String digits = bytes;
        for (String placeholder : placeholders) {
            digits = digits.replace(placeholder, "");
        }
        if (!HEX.matcher(digits).matches()) {
            throw wrong(key, "pairs of hexadecimal digits in quotes", shown(value));
        }
        return bytes.toLowerCase(Locale.ROOT);
    }

    private static String written(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String shown(JsonNode value) {
        if (value.isContainerNode()) {
            return value.isArray() ? "a list" : "a mapping";
        }
        String text = value.asText().replaceAll("\\p{Cntrl}", "?");
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }
}
