package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the dashboard and the alert rules in conf/ against what a relay prints that has had viewers and has lost its camera. */
@Timeout(120)
class MonitoringTest {
    private static final String ALERTS = "../conf/prometheus-alerts.yaml";
    private static final String DASHBOARD = "../conf/grafana-dashboard.json";

    /** Those that Prometheus adds by itself to whatever it reads. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    private static final Pattern SAMPLE = Pattern.compile("(\\w+)(?:\\{(.*)})? \\S+");
    private static final Pattern NAME = Pattern.compile("\\b(?:vbrelay|jvm|process|system)_\\w+");
    private static final Pattern SELECTOR = Pattern.compile("(\\w+)\\{([^}]*)}");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)(?:=~|!~|!=|=)\"([^\"]*)\"");
    private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern TEMPLATE = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?(\\w+) *}}");

    private static String printed;

    /** By the metric's name, then the label's: all values. */
    private static final Map<String, Map<String, Set<String>>> metrics = new HashMap<>();

    @BeforeAll
    static void runARelayAndLoseItsCamera() throws Exception {
        try (SimulatedCamera camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0));
                TestRelay relay = new TestRelay(Profile.DEFAULT, camera.address())) {
            for (Format format : TestRelay.streams()) {
                relay.watch(format).pictures().awaitCount(2);
            }
            camera.close();
            relay.awaitMetric(up -> up == 0, "vbrelay_camera_up");
            System.gc(); // Pauses have no row before the first.
            relay.awaitMetric(pauses -> pauses > 0, "jvm_gc_pause_seconds_count");
            printed = new String(relay.request("GET", "/metrics").body(), StandardCharsets.UTF_8);
        }
        LeakPresenceDetector.check();
        for (String line : printed.lines().filter(line -> !line.startsWith("#")).toList()) {
            Matcher sample = SAMPLE.matcher(line);
            assertThat(sample.matches()).as(line).isTrue();
            Map<String, Set<String>> labels = metrics.computeIfAbsent(sample.group(1), name -> new HashMap<>());
            for (Matcher label = MATCHER.matcher(sample.group(2) == null ? "" : sample.group(2)); label.find(); ) {
                labels.computeIfAbsent(label.group(1), name -> new HashSet<>()).add(label.group(2));
            }
        }
    }

    private static String text(String file) throws IOException {
        return Files.readString(Path.of(file)).replace("\\\"", "\"");
    }

    private static Stream<String> all(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(found -> found.group(found.groupCount()));
    }

    @ParameterizedTest
    @ValueSource(strings = {ALERTS, DASHBOARD})
    void everyMetricNamedIsPrinted(String file) throws Exception {
        assertThat(all(NAME, text(file)))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(metrics).containsKey(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {ALERTS, DASHBOARD})
    void everyLabelAndValueAskedForIsPrinted(String file) throws Exception {
        int asked = 0;
        for (Matcher selector = SELECTOR.matcher(text(file)); selector.find(); ) {
            Map<String, Set<String>> labels = metrics.getOrDefault(selector.group(1), Map.of());
            for (Matcher matcher = MATCHER.matcher(selector.group(2)); matcher.find(); asked++) {
                String label = matcher.group(1);
                if (!OF_PROMETHEUS.contains(label)) {
                    assertThat(labels).as(selector.group()).containsKey(label);
                    if (!matcher.group(2).startsWith("$")) {
                        assertThat(labels.get(label))
                                .as(selector.group())
                                .contains(matcher.group(2).split("\\|"));
                    }
                }
            }
        }
        assertThat(asked).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {ALERTS, DASHBOARD})
    void everyLabelShownOrGroupedByIsPrinted(String file) throws Exception {
        Set<String> known = new TreeSet<>(OF_PROMETHEUS);
        metrics.values().forEach(labels -> known.addAll(labels.keySet()));
        String text = text(file);

        assertThat(all(GROUPING, text).flatMap(labels -> Stream.of(labels.split(", *"))))
                .isNotEmpty()
                .isSubsetOf(known);
        assertThat(all(TEMPLATE, text)).isNotEmpty().isSubsetOf(known);
    }

    @Test
    void dashboardHasPanelsThatDoNotOverlapAndSayTheirUnit() throws Exception {
        JsonNode panels =
                new ObjectMapper().readTree(Path.of(DASHBOARD).toFile()).path("panels");
        Set<Integer> ids = new HashSet<>();
        Set<List<Integer>> cells = new HashSet<>();
        for (JsonNode panel : panels) {
            assertThat(ids.add(panel.path("id").asInt())).as(panel.toString()).isTrue();
            JsonNode place = panel.path("gridPos");
            for (int x = 0; x < place.path("w").asInt(); x++) {
                for (int y = 0; y < place.path("h").asInt(); y++) {
                    List<Integer> cell =
                            List.of(place.path("x").asInt() + x, place.path("y").asInt() + y);
                    assertThat(cells.add(cell)).as(panel.toString()).isTrue();
                    assertThat(cell.get(0)).isLessThan(24); // Grafana's columns.
                }
            }
            if (!panel.path("type").asText().equals("row")) {
                assertThat(panel.at("/fieldConfig/defaults/unit").asText())
                        .as(panel.toString())
                        .isNotEmpty();
                assertThat(panel.path("targets"))
                        .isNotEmpty()
                        .allSatisfy(target ->
                                assertThat(target.path("expr").asText()).contains("$instance"));
            }
        }
        assertThat(ids).hasSizeGreaterThan(20);
    }

    @Test
    void promtoolFindsTheRulesRight() throws Exception {
        assertThat(promtool("check", "rules", ALERTS)).contains("SUCCESS");
    }

    /** With series of numbers, and what Prometheus should make of them. */
    @Test
    void alertsAreRaisedWhenTheyShould() throws Exception {
        assertThat(promtool("test", "rules", "src/test/resources/prometheus-alerts-test.yaml"))
                .contains("SUCCESS");
    }

    @Test
    void promtoolHasNothingToSayAgainstOurMetrics(@TempDir Path directory) throws Exception {
        Path metrics = Files.writeString(directory.resolve("metrics"), printed);
        assertThat(promtool(metrics, "check", "metrics")).isEmpty();
    }

    private static String promtool(String... arguments) throws IOException, InterruptedException {
        return promtool(Path.of("/dev/null"), arguments);
    }

    /** What it says, right or wrong. Debian has it; elsewhere it may be missing. */
    private static String promtool(Path in, String... arguments) throws IOException, InterruptedException {
        assumeTrue(Files.exists(Path.of("/etc/debian_version")) || isInstalled(), "no promtool here");
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Programs.Result result = Programs.run(in, command.toArray(String[]::new));
        return result.out() + result.err();
    }

    private static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool")));
    }
}
