package io.vbrelay.cli.config;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.config.Subnet;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.transcode.ffmpeg.EncoderFinder;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A kind of value: how it is written, in a file as elsewhere, and how that is read.
 *
 * @param label stands for a value in help, such as {@code TIME}
 * @param parser of one value, or of one element; throws IllegalArgumentException saying what was expected
 * @param separator between the elements of a list, where they are one text; null if it is no list
 * @param schema for editors, of one value or one element
 * @param <T> what comes of it; of a list {@code List<E>}, with a parser of {@code E}
 */
public record Type<T>(
        String label, Function<String, ?> parser, @Nullable Pattern separator, ObjectNode schema) {
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*");
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern KEY_OF_A_PARSER = Pattern.compile("^[\\w-]+: (?=expected)");
    private static final int LONGEST_SHOWN = 40;

    static final Type<InetSocketAddress> ADDRESS = scalar("HOST:PORT", Units::address, text(".:\\d{1,5}$"));
    static final Type<PictureSize> SIZE = scalar("WxH", PictureSize::parse, text("^\\d{1,5}x\\d{1,5}$"));
    static final Type<PictureSize> ENCODED_SIZE = scalar("WxH", Type::encodedSize, SIZE.schema);
    static final Type<Batch> BATCH = scalar("TIME|auto[:TIME]", Units::batch, text("^(auto:)?\\d+(ms|s|m|h)$|^auto$"));
    static final Type<Boolean> SWITCH = scalar("true|false", Type::truth, kind("boolean"));

    static final Type<String> FILE = scalar("FILE", text -> text, kind("string"));

    static final Type<String> DIRECTORY = scalar("DIR", text -> text, kind("string"));

    static final Type<String> SECRET = scalar("TEXT", text -> text, kind("string"));

    /** Addresses of cameras; read when the dialects are known that they may name. */
    static final Type<List<String>> SOURCES = list("URI", text -> text, BLANKS, text("^\\w+:"));

    static final Type<List<Subnet>> SUBNETS = list("ADDRESS[/BITS]", Subnet::parse, COMMA, text("[.:]"));
    static final Type<List<String>> ORIGINS =
            list("ORIGIN", RelayConfig::checkedOrigin, COMMA, text("^(https?://|[*]$)"));
    static final Type<List<Format>> FORMATS = list(
            "LIST",
            Format::parse,
            COMMA,
            words(List.of(Format.values()).stream().map(Format::label).toList()));

    private static <T> Type<T> scalar(String label, Function<String, T> parser, ObjectNode schema) {
        return new Type<>(label, parser, null, schema);
    }

    private static <E> Type<List<E>> list(
            String label, Function<String, E> parser, Pattern separator, ObjectNode schema) {
        return new Type<>(label, parser, separator, schema);
    }

    static Type<Duration> time(String least, String most) {
        return scalar("TIME", within(Units::duration, least, most), text("^\\d{1,9}(ms|s|m|h)$"));
    }

    /** @param most null if as much may be said as can be */
    static Type<Bitrate> rate(String least, @Nullable String most) {
        return scalar("RATE", within(Bitrate::parse, least, most), text("^\\d{1,9}[kmgKMG]?$", "integer"));
    }

    static Type<Integer> count(int least, int most) {
        ObjectNode schema = kind("integer").put("minimum", least).put("maximum", most);
        String expected = most == Integer.MAX_VALUE ? "at least " + least : least + " to " + most;
        return scalar("N", text -> checked(text, number(text, Integer::valueOf), least, most, expected), schema);
    }

    static Type<Double> number(double least, double most) {
        ObjectNode schema = kind("number").put("minimum", least).put("maximum", most);
        String expected = least + " to " + (long) most;
        return scalar("N", text -> checked(text, number(text, Double::valueOf), least, most, expected), schema);
    }

    /** One of a few words, or of an enum's constants, in lower case. */
    static <V> Type<V> word(List<V> values) {
        Map<String, V> words = new LinkedHashMap<>();
        values.forEach(value -> words.put(value.toString().toLowerCase(Locale.ROOT), value));
        return scalar(
                String.join("|", words.keySet()),
                text -> {
                    V value = words.get(text.toLowerCase(Locale.ROOT));
                    if (value == null) {
                        throw new IllegalArgumentException(
                                "expected " + String.join(" or ", words.keySet()) + ", got '" + text + "'");
                    }
                    return value;
                },
                words(words.keySet()));
    }

    static Type<List<String>> encoders(Format container) {
        return list(
                "ENCODER",
                text -> {
                    EncoderFinder.check(container, text);
                    return text;
                },
                COMMA,
                text("^\\w+$"));
    }

    public boolean isList() {
        return separator != null;
    }

    /** Whether its name alone, as a flag, means true. */
    public boolean isSwitch() {
        return equals(SWITCH);
    }

    /** Whether a relative path is one beside the file that says it. */
    boolean isPath() {
        return equals(FILE) || equals(DIRECTORY);
    }

    /** The elements in a text; the text itself if this is no list. */
    List<String> split(String text) {
        return separator == null ? List.of(text) : List.of(separator.split(text.strip(), -1));
    }

    /**
     * Reads one value, or one element.
     *
     * @throws IllegalArgumentException with what was expected and, unless it may be a secret, what it got
     */
    Object parse(String text) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            String message =
                    KEY_OF_A_PARSER.matcher(String.valueOf(e.getMessage())).replaceFirst("");
            // A camera's address in a wrong place may have a password.
            boolean isShown = text.length() <= LONGEST_SHOWN && text.indexOf('@') < 0;
            throw new IllegalArgumentException(isShown || text.isEmpty() ? message : message.replace(text, "…"));
        }
    }

    /** What was made by {@link #parse}, or a list of such, as what it is. */
    @SuppressWarnings("unchecked")
    @Nullable
    T cast(@Nullable Object value) {
        return (T) value;
    }

    /** Of the whole value. */
    ObjectNode fullSchema() {
        if (separator == null) {
            return schema;
        }
        ObjectNode list = kind("array");
        list.set("items", schema);
        ObjectNode either = JsonNodeFactory.instance.objectNode();
        either.putArray("anyOf").add(kind("string")).add(list);
        return either;
    }

    private static PictureSize encodedSize(String text) {
        PictureSize size = PictureSize.parse(text);
        Profile usual = Profile.DEFAULT; // A profile knows which sizes can be encoded.
        Profile checked = new Profile(
                usual.name(), usual.fps(), usual.bitsPerSecond(), size, usual.gop(), null, usual.encoders());
        return checked.size() == null ? size : checked.size();
    }

    private static boolean truth(String text) {
        if (!text.equalsIgnoreCase("true") && !text.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException("expected true or false, got '" + text + "'");
        }
        return text.equalsIgnoreCase("true");
    }

    private static <N> N number(String text, Function<String, N> parser) {
        try {
            return parser.apply(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("expected a number, got '" + text + "'", e);
        }
    }

    private static <N extends Number> N checked(String text, N value, double least, double most, String expected) {
        if (!(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw new IllegalArgumentException("expected " + expected + ", got '" + text + "'");
        }
        return value;
    }

    private static <Q extends Comparable<Q>> Function<String, Q> within(
            Function<String, Q> parser, String least, @Nullable String most) {
        Q first = parser.apply(least);
        Q last = most == null ? null : parser.apply(most);
        String expected = most == null ? "at least " + least : least + " to " + most;
        return text -> {
            Q value = parser.apply(text);
            if (value.compareTo(first) < 0 || (last != null && value.compareTo(last) > 0)) {
                throw new IllegalArgumentException("expected " + expected + ", got '" + text + "'");
            }
            return value;
        };
    }

    private static ObjectNode kind(String type) {
        return JsonNodeFactory.instance.objectNode().put("type", type);
    }

    /** @param otherType that YAML may take the text for */
    private static ObjectNode text(String pattern, String... otherType) {
        ObjectNode schema = otherType.length == 0 ? kind("string") : JsonNodeFactory.instance.objectNode();
        if (otherType.length > 0) {
            schema.putArray("type").add("string").add(otherType[0]);
        }
        return schema.put("pattern", pattern);
    }

    private static ObjectNode words(Iterable<String> words) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        words.forEach(schema.withArray("enum")::add);
        return schema;
    }
}
