package io.vbrelay.cli.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.vbrelay.camera.PictureSize;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Holds what is written about the keys against the keys. */
class ShippedFilesTest {
    private static final Path FILE = Path.of("..", "conf", "vbrelay.yaml");
    private static final Path SCHEMA = Path.of("..", "conf", "vbrelay.schema.json");
    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    /** A key is commented out without a blank behind the mark; prose has one. */
    private static final Pattern OUT = Pattern.compile("(?m)^( *)#(?=\\S)");

    @Test
    void fileAsItIsShowsAChart() throws Exception {
        Configuration configuration = read(settings(FILE));

        assertThat(configuration.cameras())
                .singleElement()
                .satisfies(camera -> assertThat(camera.sources())
                        .containsExactly(new CameraArgument.Chart(new PictureSize(640, 480))));
    }

    @Test
    void fileNamesEveryKeyWithItsDefault(@TempDir Path directory) throws Exception {
        String all = OUT.matcher(Files.readString(FILE)).replaceAll("$1");
        Path everything = Files.writeString(directory.resolve("vbrelay.yaml"), all);
        Files.writeString(directory.resolve("gate"), "secret");
        Files.writeString(directory.resolve("dialects.yaml"), "dialects: {}");
        Settings settings = settings(everything);

        Configuration.read(settings, Map.of("CREDENTIALS_DIRECTORY", directory.toString()));
        List<String> names = List.of("harbour", "yard", "gate", "default");
        for (Key<?> key : Keys.all()) {
            String name = names.stream()
                    .filter(candidate -> settings.at(key.path(candidate)).isPresent())
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(key + " is not there"));
            if (key.preset().value() != null) {
                assertThat(settings.texts(key, name))
                        .as(key.path())
                        .isEqualTo(key.type().split(key.preset().value()));
            }
        }
    }

    @Test
    void schemaIsThatOfTheKeys() throws IOException {
        assertThat(Files.readString(SCHEMA))
                .as("make it with: ./vbrelay config schema >conf/vbrelay.schema.json")
                .isEqualTo(Schema.json());
        JsonNode schema = JsonMapper.builder().build().readTree(Schema.json());
        for (Key<?> key : Keys.all()) {
            JsonNode node = schema;
            for (String name : key.path().split("\\.", -1)) {
                JsonNode named = node.path("patternProperties");
                node = KnownPaths.placeholder(name) == null
                        ? node.path("properties").path(name)
                        : named.elements().next();
            }
            assertThat(node.path("description").asText()).as(key.path()).startsWith(key.meaning());
        }
    }

    @Test
    void pageHasARowForEachKey() throws IOException {
        String rows = Keys.all().stream().map(ShippedFilesTest::row).collect(Collectors.joining());

        assertThat(Files.readString(PAGE)).contains("| --- | --- | --- | --- |\n" + rows + "\n");
    }

    private static String row(Key<?> key) {
        String preset = key.preset().value() == null
                ? key.preset().words()
                : "`" + key.preset().value() + "`";
        String flag = key.flag() == null ? "" : "`" + key.flag() + "`";
        return "| `" + key.path() + "` | " + preset + " | " + flag + " | " + key.meaning() + " |\n";
    }

    private static Settings settings(Path file) {
        return new Settings(List.of(file.toString()), Map.of(), Set.of(), List.of(), List.of());
    }

    private static Configuration read(Settings settings) throws ConfigException {
        return Configuration.read(settings, Map.of());
    }
}
