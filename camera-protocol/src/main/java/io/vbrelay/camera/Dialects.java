package io.vbrelay.camera;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The dialects that can be named: those of the jar's dialects.yaml, and those of an owner's own file merged over them
 * (docs/dialects.md).
 *
 * <p>Each is a tree of keys. It begins as the tree it extends, or as the file's defaults, and its own keys go over that; a key
 * with dots in it means the keys below. Only then is the whole tree read and checked.
 *
 * <p><b>Threads.</b> Immutable.
 */
public final class Dialects {
    private static final String BUILT_IN_FILE = "dialects.yaml";
    private static final String EXTENDS = "extends";
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{N}_-]+");

    private static final Dialects BUILT_IN = readBuiltIn();

    private final String file;
    private final ObjectNode defaults;
    private final ObjectNode trees;
    private final Set<String> keys = new TreeSet<>();
    private final Map<String, Dialect> dialects = new LinkedHashMap<>();

    private Dialects(String file, ObjectNode defaults, ObjectNode trees) {
        this.file = file;
        this.defaults = defaults;
        this.trees = trees;
        trees.fieldNames().forEachRemaining(name -> dialects.put(name, read(name)));
    }

    /** Those in the jar. */
    public static Dialects builtIn() {
        return BUILT_IN;
    }

    /**
     * Those in the jar, with an owner's own file merged over them.
     *
     * @throws IllegalArgumentException in one line, naming file, dialect and key
     */
    public static Dialects with(Path file) {
        String name = file.toString();
        ObjectNode own = tree(name, readString(file));
        Section top = new Section(name, own);
        top.section("dialects");
        top.end();
        ObjectNode trees = BUILT_IN.trees.deepCopy();
        merge(trees, own.withObject("/dialects"));
        return new Dialects(name, BUILT_IN.defaults, trees);
    }

    /** In the order of the files. */
    public List<String> names() {
        return List.copyOf(dialects.keySet());
    }

    /**
     * Looks a dialect up.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public Dialect named(String name) {
        Dialect dialect = dialects.get(name);
        if (dialect == null) {
            throw new IllegalArgumentException(
                    "dialect: expected " + String.join(" or ", names()) + ", got '" + name + "'");
        }
        return dialect;
    }

    /** Every key a dialect may have, with its path. */
    Set<String> keys() {
        return keys;
    }

    private static Dialects readBuiltIn() {
        try (InputStream in = Objects.requireNonNull(Dialects.class.getResourceAsStream(BUILT_IN_FILE))) {
            ObjectNode top = tree(BUILT_IN_FILE, new String(in.readAllBytes(), StandardCharsets.UTF_8));
            ObjectNode trees = top.objectNode();
            merge(trees, top.withObject("/dialects"));
            return new Dialects(BUILT_IN_FILE, top.withObject("/defaults"), trees);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String readString(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException(file + ": no such file", e);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static ObjectNode tree(String file, String yaml) {
        YAMLMapper mapper = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        try {
            JsonNode tree = mapper.readTree(yaml);
            if (tree instanceof ObjectNode mapping) {
                return mapping;
            }
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            String why = e.getOriginalMessage().lines().findFirst().orElse("");
            throw new IllegalArgumentException(file + ": line " + line + ": not YAML: " + why, e);
        }
        throw new IllegalArgumentException(file + ": expected a mapping with the key 'dialects'");
    }

    private static void merge(ObjectNode into, ObjectNode over) {
        over.properties().forEach(entry -> put(into, entry.getKey(), entry.getValue()));
    }

    private static void put(ObjectNode into, String key, JsonNode value) {
        int dot = key.indexOf('.');
        if (dot > 0) {
            put(child(into, key.substring(0, dot)), key.substring(dot + 1), value);
        } else if (value instanceof ObjectNode mapping) {
            merge(child(into, key), mapping);
        } else {
            into.set(key, value.deepCopy());
        }
    }

    private static ObjectNode child(ObjectNode parent, String key) {
        return parent.get(key) instanceof ObjectNode child ? child : parent.putObject(key);
    }

    private Dialect read(String name) {
        String where = where(name);
        if (!NAME.matcher(name).matches() || name.equals(NativeAddress.AUTO)) {
            throw new IllegalArgumentException(
                    where + ": expected a name of letters, digits, '_' and '-', and not auto");
        }
        Section top = new Section(where, resolve(name, new LinkedHashSet<>()));
        Dialect dialect = DialectReader.read(name, top);
        keys.addAll(top.everyPath());
        return dialect;
    }

    private ObjectNode resolve(String name, Set<String> chain) {
        String where = where(name);
        if (!chain.add(name)) {
            throw new IllegalArgumentException(
                    where + ": extends: expected no circle, got '" + String.join(" > ", chain) + " > " + name + "'");
        }
        JsonNode own = Objects.requireNonNull(trees.get(name));
        if (!(own instanceof ObjectNode mapping)) {
            throw new IllegalArgumentException(where + ": expected a mapping, got '" + own.asText() + "'");
        }
        ObjectNode resolved = defaults.deepCopy();
        if (mapping.has(EXTENDS)) {
            String parent = new Section(where, mapping).text(EXTENDS);
            if (!trees.has(parent)) {
                String nearest = Nearest.of(parent, names(trees));
                throw new IllegalArgumentException(
                        where + ": extends: no dialect '" + parent + "', the nearest is '" + nearest + "'");
            }
            resolved = resolve(parent, chain);
        }
        merge(resolved, mapping);
        return resolved;
    }

    private String where(String name) {
        return file + ": dialect " + name;
    }

    private static List<String> names(ObjectNode trees) {
        List<String> names = new ArrayList<>();
        trees.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
