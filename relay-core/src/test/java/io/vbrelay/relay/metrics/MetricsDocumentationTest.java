package io.vbrelay.relay.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Holds docs/metrics.md against what a relay prints at /metrics. */
@Timeout(60)
class MetricsDocumentationTest {
    private static final Path PAGE = Path.of("..", "docs", "metrics.md");

    /** A row of the page: {@code | `vbrelay_viewers` | gauge | `camera`, `format` | Viewers connected |}. */
    private static final Pattern ROW = Pattern.compile("\\| `(\\w+_\\w+)` \\| (\\w+) \\| ([^|]*) \\| (.*) \\|");

    private static final Pattern HELP = Pattern.compile("# HELP (\\w+) (.*)");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\w+) (\\w+)");
    private static final Pattern TAG = Pattern.compile("(\\w+)=\"");

    @AfterEach
    void everyBufferIsReleased() {
        LeakPresenceDetector.check();
    }

    @Test
    void everyMeterIsDocumentedAsItIsPrintedAndNoOtherIs() throws Exception {
        List<String> page = Files.readAllLines(PAGE);
        List<String> printed = printed();

        assertThat(documented(page)).isEqualTo(meters(printed));
        assertThat(meters(printed))
                .filteredOn(meter -> meter.startsWith("vbrelay_"))
                .hasSameSizeAs(Meters.values());
    }

    @Test
    void everyOneOfOurDescriptionsBeginsAsThePrintedOne() throws Exception {
        List<String> page = Files.readAllLines(PAGE);

        assertThat(printed())
                .filteredOn(line -> line.startsWith("# HELP vbrelay_") && !isMaximum(line))
                .allSatisfy(line -> {
                    Matcher help = HELP.matcher(line);
                    assertThat(help.matches()).isTrue();
                    assertThat(page)
                            .anySatisfy(row -> assertThat(row)
                                    .startsWith("| `" + help.group(1) + "` | ")
                                    .contains(" | " + help.group(2)));
                });
    }

    /** Name, type and tags of each row of the page. */
    private static Set<String> documented(List<String> page) {
        return page.stream()
                .map(ROW::matcher)
                .filter(Matcher::matches)
                .map(row ->
                        row.group(1) + " " + row.group(2) + " " + row.group(3).replaceAll("[`,]", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Name, type and tags of each meter printed. The page explains in one sentence the maxima that come with some. */
    private static Set<String> meters(List<String> printed) {
        return printed.stream()
                .map(TYPE::matcher)
                .filter(type -> type.matches() && !isMaximum(type.group()))
                .map(type -> type.group(1) + " " + type.group(2) + " " + tags(printed, type.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static boolean isMaximum(String line) {
        return line.split(" ", 4)[2].endsWith("_max");
    }

    private static String tags(List<String> printed, String meter) {
        return printed.stream()
                .filter(line -> line.startsWith(meter))
                .flatMap(line -> TAG.matcher(line).results().map(tag -> tag.group(1)))
                .filter(tag -> !tag.equals("le"))
                .distinct()
                .sorted()
                .collect(Collectors.joining(" "));
    }

    /** All that a relay with one camera prints, whose camera is away. */
    private static List<String> printed() throws IOException, InterruptedException {
        InetSocketAddress anyPort = InetSocketAddress.createUnresolved("127.0.0.1", 0);
        CameraConfig camera = new CameraConfig(
                "cam",
                List.of(CameraAddress.parse("vbc10://127.0.0.1:1?dialect=canon-native-guest")),
                6,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
        RelayConfig config = new RelayConfig(
                anyPort,
                List.of(camera),
                List.of(Profile.DEFAULT),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                RelayConfig.DEFAULT_HISTORY,
                null);
        try (Relay relay = new Relay(config)) {
            URI metrics = URI.create("http://127.0.0.1:" + relay.address().getPort() + "/metrics");
            HttpRequest request = HttpRequest.newBuilder(metrics).build();
            HttpClient http = HttpClient.newHttpClient();
            System.gc(); // Pauses have no row before the first.
            String printed = "";
            while (!printed.contains("jvm_gc_pause")) {
                printed =
                        http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            }
            return printed.lines().collect(Collectors.toList());
        }
    }
}
