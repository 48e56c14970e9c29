package io.vbrelay.cli.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The JSON Schema of a file, for editors: they complete keys, show what they mean, and underline what is wrong. */
public final class Schema {
    /** What editors' YAML modes know best. */
    private static final String DRAFT = "http://json-schema.org/draft-07/schema#";

    private Schema() {}

    /** Ends with a line feed. */
    public static String json() {
        ObjectNode root =
                JsonNodeFactory.instance.objectNode().put("$schema", DRAFT).put("title", "vbrelay.yaml");
        close(root);
        Keys.all().forEach(key -> put(root, key));
        try {
            return JsonMapper.builder()
                            .build()
                            .writerWithDefaultPrettyPrinter()
                            .writeValueAsString(root)
                            .replace("\r\n", "\n")
                    + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void put(ObjectNode root, Key<?> key) {
        ObjectNode section = root;
        for (String name :
                key.section().isEmpty() ? new String[0] : key.section().split("\\.", -1)) {
            section = child(section, name);
        }
        ObjectNode leaf = key.type().fullSchema().deepCopy();
        leaf.put("description", key.meaning() + ". Default: " + key.preset().words() + ".");
        String preset = key.preset().value();
        if (preset != null) {
            leaf.set("default", value(preset, leaf));
        }
        section.withObject("/properties").set(key.name(), leaf);
    }

    private static ObjectNode child(ObjectNode section, String name) {
        String pattern = KnownPaths.placeholder(name);
        ObjectNode children = section.withObject(pattern == null ? "/properties" : "/patternProperties");
        String childName = pattern == null ? name : "^" + pattern + "$";
        if (children.get(childName) instanceof ObjectNode known) {
            return known;
        }
        ObjectNode child = children.putObject(childName);
        close(child);
        return child;
    }

    private static void close(ObjectNode section) {
        section.put("type", "object").put("additionalProperties", false);
    }

    private static JsonNode value(String text, ObjectNode schema) {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (schema.path("type").asText()) {
            case "boolean" -> nodes.booleanNode(text.equals("true"));
            case "integer" -> nodes.numberNode(Integer.parseInt(text));
            case "number" -> nodes.numberNode(new java.math.BigDecimal(text));
            default -> nodes.textNode(text);
        };
    }
}
