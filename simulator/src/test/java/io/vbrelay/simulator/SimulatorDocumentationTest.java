package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Holds docs/simulator.md against the faults there are. */
class SimulatorDocumentationTest {
    private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9-]+)` \\| ([^|]+) \\| ([^|]+) \\|");

    private static final Map<Fault.Place, String> PLACES = Map.of(
            Fault.Place.PICTURE, "a picture of any port",
            Fault.Place.MESSAGE, "a picture of the video port",
            Fault.Place.REPLY, "text replies of the video port",
            Fault.Place.RESPONSE, "an answer over HTTP",
            Fault.Place.LIVESCOPE, "an answer of WV-HTTP",
            Fault.Place.PART, "a picture of a multipart answer",
            Fault.Place.CONTROL, "a datagram");

    @Test
    void everyFaultHasItsSentenceAndNoOtherHas() throws IOException {
        String page = Files.readString(Path.of("..", "docs", "simulator.md"));
        List<String> documented = page.substring(page.indexOf("## Faults"))
                .lines()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row -> row.group(1) + " | " + row.group(2) + " | " + row.group(3))
                .toList();

        assertThat(documented)
                .isEqualTo(Arrays.stream(Fault.values())
                        .map(fault -> fault + " | " + Objects.requireNonNull(PLACES.get(fault.place())) + " | "
                                + fault.sentence())
                        .toList());
    }
}
