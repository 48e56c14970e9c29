package io.vbrelay.relay.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.relay.stream.Batch;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.lang.reflect.RecordComponent;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every difference between two configurations is named by its key. */
class ReloadReportTest {
    private static final RelayConfig RUNNING = config();

    private static RelayConfig config() {
        return new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 8090),
                List.of(camera("door", "secret"), camera("yard", "secret")),
                List.of(Profile.DEFAULT, profile(4)),
                EnumSet.allOf(Format.class),
                Limits.DEFAULT,
                List.of(),
                Set.of(),
                Duration.ofSeconds(10),
                null,
                null);
    }

    private static CameraConfig camera(String name, String password) {
        return new CameraConfig(
                name,
                List.of(CameraAddress.parse("vbc10://root:" + password + "@192.0.2.10")),
                6,
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
    }

    private static Profile profile(double fps) {
        return new Profile("low", fps, 100_000, null, Duration.ofSeconds(2), null, Map.of());
    }

    @Test
    void configurationThatSaysTheSameChangesNothing() {
        assertThat(ReloadReport.between(RUNNING, config()))
                .isEqualTo(new ReloadReport(List.of(), List.of(), List.of()));
    }

    @Test
    void whatTakesEffectAndWhatHasToWaitIsTold() {
        Limits limits = new Limits(
                5,
                1000,
                20,
                1_000_000_000,
                8,
                new ViewerLimits(Duration.ofSeconds(1), 8 << 20, Duration.ofSeconds(10)),
                Batch.NONE);
        RelayConfig other = new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 8091),
                List.of(camera("door", "other"), camera("gate", "secret")),
                List.of(Profile.DEFAULT, profile(3)),
                EnumSet.of(Format.FLV),
                limits,
                List.of(Subnet.parse("10.0.0.0/8")),
                Set.of("*"),
                Duration.ZERO,
                Path.of("state"),
                InetSocketAddress.createUnresolved("127.0.0.1", 8092));

        ReloadReport report = ReloadReport.between(RUNNING, other);

        assertThat(report.changes())
                .containsExactly(
                        "cameras.door changed",
                        "cameras.gate added",
                        "cameras.yard removed",
                        "outputs.low changed",
                        "outputs.formats changed",
                        "limits changed",
                        "trustedProxies changed",
                        "corsOrigins changed");
        assertThat(report.atRestart())
                .containsExactly("listen", "admin.listen", "history", "limits.viewerLag", "limits.batch", "stateDir");
        assertThat(report.toString()).doesNotContain("secret").doesNotContain("other");
    }

    @Test
    void everyPartOfTheConfigurationIsAmongThoseAbove() {
        assertThat(RelayConfig.class.getRecordComponents())
                .extracting(RecordComponent::getName)
                .as("one that is new here must be taken over or told of, see RelayConfig.keeping")
                .containsExactly(
                        "listen",
                        "cameras",
                        "profiles",
                        "formats",
                        "limits",
                        "trustedProxies",
                        "allowedOrigins",
                        "history",
                        "stateDirectory",
                        "adminListen");
    }

    @Test
    void orderOfCamerasIsTold() {
        RelayConfig other = new RelayConfig(
                RUNNING.listen(),
                List.of(RUNNING.cameras().get(1), RUNNING.cameras().get(0)),
                RUNNING.profiles(),
                RUNNING.formats(),
                RUNNING.limits(),
                List.of(),
                Set.of(),
                RUNNING.history(),
                null,
                null);

        assertThat(ReloadReport.between(RUNNING, other).changes()).containsExactly("cameras in another order");
    }

    @Test
    void whoWaitsForTheNextStartIsNoChangeOfLimits() {
        Limits slower = Limits.DEFAULT.withPacing(Limits.DEFAULT.viewer(), Batch.NONE);
        RelayConfig other = new RelayConfig(
                RUNNING.listen(),
                RUNNING.cameras(),
                RUNNING.profiles(),
                RUNNING.formats(),
                slower,
                List.of(),
                Set.of(),
                RUNNING.history(),
                null,
                null);

        assertThat(ReloadReport.between(RUNNING, other))
                .isEqualTo(new ReloadReport(List.of(), List.of(), List.of("limits.batch")));
    }
}
