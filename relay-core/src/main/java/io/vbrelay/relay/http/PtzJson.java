package io.vbrelay.relay.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vbrelay.camera.control.PtzCommand;
import io.vbrelay.relay.control.PtzRequest;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the one command that a body holds: an object with one field, as docs/control.md lists them. */
final class PtzJson {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private static final Pattern PRESET = Pattern.compile("[^\\p{Cntrl}]{1,64}");

    private static final Map<String, Function<JsonNode, PtzRequest>> COMMANDS = commands();

    private PtzJson() {}

    private static Map<String, Function<JsonNode, PtzRequest>> commands() {
        Map<String, Function<JsonNode, PtzRequest>> commands = new LinkedHashMap<>();
        commands.put("move", value -> drive(move(value)));
        commands.put("moveBy", value -> drive(moveBy(value)));
        commands.put("jog", value -> drive(jog(value)));
        commands.put("stop", value -> {
            onlyTrue("stop", value);
            return drive(new PtzCommand.Stop());
        });
        commands.put("speed", value -> drive(speed(value)));
        commands.put("focus", value -> drive(oneOf("focus", PtzCommand.Focus.values(), value)));
        commands.put("exposure", value -> drive(exposure(value)));
        commands.put("brightness", value -> drive(new PtzCommand.Brightness(whole("brightness", value))));
        commands.put("night", value -> drive(new PtzCommand.Night(flag("night", value))));
        commands.put("infrared", value -> drive(new PtzCommand.Infrared(flag("infrared", value))));
        commands.put("preset", value -> new PtzRequest.Recall(preset("preset", value)));
        commands.put("savePreset", value -> new PtzRequest.Save(preset("savePreset", value)));
        commands.put("forgetPreset", value -> new PtzRequest.Forget(preset("forgetPreset", value)));
        commands.put("leave", value -> {
            onlyTrue("leave", value);
            return new PtzRequest.Leave();
        });
        return commands;
    }

    /** @throws IllegalArgumentException in one line, naming what is wrong and what was expected */
    static PtzRequest read(byte[] body) {
        JsonNode root;
        try {
            root = MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("body: expected JSON, " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalArgumentException("body: expected JSON in UTF-8");
        }
        if (!root.isObject() || root.size() != 1) {
            throw new IllegalArgumentException(
                    "body: expected an object with one command, such as {\"move\":{\"pan\":10}}");
        }
        Map.Entry<String, JsonNode> field = root.properties().iterator().next();
        Function<JsonNode, PtzRequest> command = COMMANDS.get(field.getKey());
        if (command == null) {
            throw unknown("command", field.getKey(), COMMANDS.keySet().stream().toList());
        }
        return command.apply(field.getValue());
    }

    private static PtzRequest drive(PtzCommand command) {
        return new PtzRequest.Drive(command);
    }

    private static PtzCommand move(JsonNode value) {
        fields("move", value, "pan", "tilt", "zoom");
        return new PtzCommand.MoveTo(number(value, "pan"), number(value, "tilt"), number(value, "zoom"));
    }

    private static PtzCommand moveBy(JsonNode value) {
        fields("moveBy", value, "pan", "tilt", "zoom");
        return new PtzCommand.MoveBy(
                orZero(number(value, "pan")), orZero(number(value, "tilt")), orZero(number(value, "zoom")));
    }

    private static PtzCommand jog(JsonNode value) {
        fields("jog", value, "direction", "zoom");
        JsonNode direction = value.get("direction");
        JsonNode zoom = value.get("zoom");
        return new PtzCommand.Jog(
                direction == null ? null : oneOf("direction", PtzCommand.Direction.values(), direction),
                zoom == null ? null : oneOf("zoom", PtzCommand.ZoomDirection.values(), zoom));
    }

    private static PtzCommand speed(JsonNode value) {
        fields("speed", value, "pan", "tilt", "zoom");
        JsonNode zoom = value.get("zoom");
        return new PtzCommand.Speed(
                number(value, "pan"), number(value, "tilt"), zoom == null ? null : whole("zoom", zoom));
    }

    private static PtzCommand exposure(JsonNode value) {
        if (value.asText().equals("auto")) {
            return new PtzCommand.AutoExposure();
        }
        fields("exposure", value, "aperture", "shutter", "gain");
        return new PtzCommand.ManualExposure(
                whole("aperture", value.path("aperture")),
                whole("shutter", value.path("shutter")),
                whole("gain", value.path("gain")));
    }

    /** Holds an object to these fields, of which it must have one. */
    private static void fields(String command, JsonNode value, String... known) {
        if (!value.isObject() || value.isEmpty()) {
            throw new IllegalArgumentException(
                    command + ": expected an object with " + String.join(", ", known) + ", got '" + value + "'");
        }
        List<String> names = List.of(known);
        value.fieldNames().forEachRemaining(name -> {
            if (!names.contains(name)) {
                throw unknown(command, name, names);
            }
        });
    }

    private static @Nullable Double number(JsonNode object, String name) {
        JsonNode value = object.get(name);
        if (value == null) {
            return null;
        }
        if (!value.isNumber()) {
            throw wrong(name, "a number", value);
        }
        return value.asDouble();
    }

    private static double orZero(@Nullable Double value) {
        return value == null ? 0 : value;
    }

    private static int whole(String name, JsonNode value) {
        if (!value.canConvertToInt() || !value.canConvertToExactIntegral()) {
            throw wrong(name, "a whole number", value);
        }
        return value.intValue();
    }

    private static boolean flag(String name, JsonNode value) {
        if (!value.isBoolean()) {
            throw wrong(name, "true or false", value);
        }
        return value.booleanValue();
    }

    private static void onlyTrue(String name, JsonNode value) {
        if (!flag(name, value)) {
            throw wrong(name, "true", value);
        }
    }

    private static String preset(String name, JsonNode value) {
        if (!value.isTextual() || !PRESET.matcher(value.textValue()).matches()) {
            throw wrong(name, "a name of 1 to 64 printable characters", value);
        }
        return value.textValue();
    }

    private static <E extends Enum<E>> E oneOf(String name, E[] values, JsonNode value) {
        return Arrays.stream(values)
                .filter(each -> value.isTextual() && camelCase(each).equals(value.textValue()))
                .findFirst()
                .orElseThrow(() -> wrong(
                        name,
                        "one of "
                                + String.join(
                                        ", ",
                                        Arrays.stream(values)
                                                .map(PtzJson::camelCase)
                                                .toList()),
                        value));
    }

    /** {@code upLeft} for {@code UP_LEFT}. */
    private static String camelCase(Enum<?> value) {
        StringBuilder name = new StringBuilder();
        for (char c : value.name().toCharArray()) {
            boolean begins = !name.isEmpty() && name.charAt(name.length() - 1) == '_';
            if (begins) {
                name.setLength(name.length() - 1);
            }
            name.append(begins || c == '_' ? c : Character.toLowerCase(c));
        }
        return name.toString();
    }

    private static IllegalArgumentException wrong(String name, String expected, JsonNode got) {
        String text = got.isMissingNode() ? "nothing" : "'" + got + "'";
        return new IllegalArgumentException(name + ": expected " + expected + ", got " + text);
    }

    private static IllegalArgumentException unknown(String where, String got, List<String> known) {
        String nearest = known.stream()
                .min(Comparator.comparingInt(name -> distance(name, got)))
                .orElseThrow();
        return new IllegalArgumentException(where + ": expected one of " + String.join(", ", known) + ", got '" + got
                + "'; did you mean '" + nearest + "'?");
    }

    /** Letters to insert, drop or change to make one of the other (Levenshtein). */
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int change = diagonal + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[other.length()];
    }
}
