package io.vbrelay.cli.config;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import io.vbrelay.cli.config.Setting.Item;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Walks through one file and takes out its settings, with line and column of each. What is not as the {@linkplain Key keys} have it is told,
 * and the rest is read on. Nothing of a value is shown here: it may be a password in a wrong place.
 */
final class YamlFile {
    /** A thousand cameras take some 200 kB. */
    private static final int MAX_BYTES = 1 << 20;

    private static final String NO_ANCHORS =
            "anchors, aliases, tags and '<<' are not taken; what cameras share stands in cameraDefaults";

    /** What SnakeYAML may be cited with; the rest of its words holds excerpts of the file. */
    private static final Pattern TOLD = Pattern.compile("could not find expected ':'"
            + "|(sequence entries|mapping keys|mapping values) are not allowed here"
            + "|special characters are not allowed"
            + "|found unexpected (end of stream|document separator)"
            + "|found (undefined tag handle|unknown escape character)"
            + "|found character '[^']{1,6}' that cannot start any token"
            + "|expected (<[a-z ]+>|',' or '[]}]'), but (found|got) '?(<[a-z ]+>|[]}?:,-])'?"
            + "|nesting depth \\(\\d+\\) exceeds the maximum");

    private static final Pattern INDENTED_BY_TAB = Pattern.compile(" *\t");

    private final String file;
    private final YAMLParser parser;
    private final List<Problem> problems;
    private final List<Setting> settings = new ArrayList<>();
    private final Map<String, Origin> seen = new LinkedHashMap<>();

    private YamlFile(String file, YAMLParser parser, List<Problem> problems) {
        this.file = file;
        this.parser = parser;
        this.problems = problems;
    }

    /** What the file sets, in its order; what is wrong with it goes to the problems. */
    static List<Setting> read(Path path, List<Problem> problems) {
        String file = path.toString();
        Origin start = Origin.file(file, 1, 1);
        try {
            String yaml = text(path);
            try (YAMLParser parser = new YAMLFactory().createParser(yaml)) {
                return new YamlFile(file, parser, problems).document();
            } catch (JacksonException e) {
                problems.add(notYaml(file, yaml, e));
            }
        } catch (CharacterCodingException e) {
            problems.add(new Problem(start, "", "expected UTF-8; save the file in that encoding"));
        } catch (NoSuchFileException e) {
            problems.add(new Problem(start, "", "no such file"));
        } catch (AccessDeniedException e) {
            problems.add(
                    new Problem(start, "", "permission denied; the user who runs vbrelay must be able to read it"));
        } catch (IOException e) {
            problems.add(new Problem(start, "", "cannot be read: " + e.getMessage()));
        }
        return List.of();
    }

    private static String text(Path path) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(path)) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        }
        if (bytes.length > MAX_BYTES) {
            throw new IOException("more than a megabyte is no configuration");
        }
        // A decoder of its own, since the usual one replaces what is wrong.
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private static Problem notYaml(String file, String yaml, JacksonException e) {
        JsonLocation location = e.getLocation();
        int line = location == null ? 1 : Math.max(location.getLineNr(), 1);
        int column = location == null ? 1 : Math.max(location.getColumnNr(), 1);
        // A tab is met while the line before it is still read.
        List<String> lines = yaml.lines().skip(line - 1L).limit(2).toList();
        for (int i = 0; i < lines.size(); i++) {
            if (INDENTED_BY_TAB.matcher(lines.get(i)).lookingAt()) {
                String why = "a tab indents this line; YAML takes blanks only";
                return new Problem(Origin.file(file, line + i, 1), "", why);
            }
        }
        String why = "not YAML" + problem(e)
                + "; a text with ': ' or ' #' in it, a mark at its start or ':' at its end needs quotes";
        return new Problem(Origin.file(file, line, column), "", why);
    }

    /** What is wrong, the last that the message says of it; empty where it is unknown. */
    private static String problem(JacksonException e) {
        return TOLD.matcher(e.getOriginalMessage())
                .results()
                .reduce((first, last) -> last)
                .map(told -> ": " + told.group())
                .orElse("");
    }

    private List<Setting> document() throws IOException {
        JsonToken first = parser.nextToken();
        if (first == JsonToken.START_OBJECT) {
            mapping("");
        } else if (first != null && first != JsonToken.VALUE_NULL) {
            tell(here(), "", "expected keys such as 'listen: 0.0.0.0:8090' and 'cameras:', got " + kind());
        }
        if (problems.isEmpty() && parser.nextToken() != null) {
            tell(here(), "", "expected one document, got another behind '---'");
        }
        return settings;
    }

    private void mapping(String path) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            Origin at = here();
            String child = path.isEmpty() ? name : path + "." + name;
            parser.nextToken();
            Origin earlier = seen.putIfAbsent(child, at);
            if (name.equals("<<")) {
                tell(at, path, NO_ANCHORS);
                parser.skipChildren();
            } else if (KnownPaths.key(child).isEmpty() && !KnownPaths.isSection(child)) {
                tell(at, path, KnownPaths.unknown(child));
                parser.skipChildren();
            } else if (earlier != null) {
                tell(at, child, "given twice, first in line " + earlier.line());
                parser.skipChildren();
            } else {
                value(child, at);
            }
        }
    }

    private void value(String path, Origin nameAt) throws IOException {
        Origin at = here();
        Optional<Key<?>> key = KnownPaths.key(path);
        if (isAnchored()) {
            tell(at, path, NO_ANCHORS);
            parser.skipChildren();
        } else if (key.isEmpty()) {
            section(path, nameAt);
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            list(path, at);
        } else if (parser.currentToken() == JsonToken.START_OBJECT) {
            tell(at, path, "expected one value, got a mapping");
            parser.skipChildren();
        } else if (!isNothing()) {
            settings.add(Setting.of(path, parser.getText(), at));
        }
    }

    private void section(String path, Origin nameAt) throws IOException {
        boolean isMapping = parser.currentToken() == JsonToken.START_OBJECT;
        int before = seen.size();
        if (isMapping) {
            mapping(path);
        } else if (!isNothing()) {
            parser.skipChildren();
            tell(nameAt, path, "expected keys below it, indented further");
            return;
        }
        if (seen.size() == before && KnownPaths.isNamed(path)) {
            tell(nameAt, path, "expected keys below it, indented further; got none");
        }
    }

    private void list(String path, Origin at) throws IOException {
        List<Item> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (isAnchored() || parser.currentToken().isStructStart()) {
                tell(here(), path, isAnchored() ? NO_ANCHORS : "expected a list of texts, got " + kind() + " in it");
                parser.skipChildren();
            } else {
                items.add(new Item(parser.getText(), here()));
            }
        }
        settings.add(new Setting(path, items, true, at));
    }

    private boolean isAnchored() throws IOException {
        return parser.isCurrentAlias() || parser.getObjectId() != null || parser.getTypeId() != null;
    }

    /** A key with nothing behind it is as good as none. */
    private boolean isNothing() throws IOException {
        return parser.currentToken() == JsonToken.VALUE_NULL
                || (parser.currentToken().isScalarValue() && parser.getText().isEmpty());
    }

    private String kind() {
        return switch (parser.currentToken()) {
            case START_ARRAY -> "a list";
            case START_OBJECT -> "a mapping";
            default -> "a text";
        };
    }

    private Origin here() {
        JsonLocation location = parser.currentTokenLocation();
        return Origin.file(file, location.getLineNr(), location.getColumnNr());
    }

    private void tell(Origin at, String path, String message) {
        problems.add(new Problem(at, path, message));
    }
}
