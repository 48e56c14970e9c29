package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.simulator.ChartReader;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.Picture;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a relay gives at each address, as programs of others see it. */
@Timeout(120)
class StreamsTest {
    private static final ChartSettings CHART = ChartSettings.DEFAULTS.withSize(new PictureSize(320, 240));
    private static final Seen<Picture> SENT = new Seen<>();

    private static SimulatedCamera camera;
    private static TestRelay relay;

    @BeforeAll
    static void start() throws Exception {
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(CHART), SENT::add);
        relay = new TestRelay(Profile.DEFAULT, camera.address());
        relay.awaitMetric(frames -> frames > 0, "vbrelay_camera_frames_total");
    }

    @AfterAll
    static void everyBufferIsReleased() {
        relay.close();
        camera.close();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @CsvSource({"FLV, h264", "WEBM, vp8", "MP4, h264", "MJPEG, mjpeg"})
    void streamHasItsCodecAndTheCamerasSize(Format format, String codec) throws Exception {
        assertThat(Programs.probe(relay.url(format), "stream=codec_name,width,height"))
                .containsExactly(codec + ",320,240");
    }

    @ParameterizedTest
    @EnumSource(Format.class)
    void headHasTheHeadersAndCountsNoViewer(Format format) throws Exception {
        relay.awaitMetric(viewers -> viewers == 0, "vbrelay_viewers"); // Those of other tests have left.

        HttpResponse<byte[]> head = relay.request("HEAD", TestRelay.path(format));

        assertThat(relay.metric("vbrelay_viewers")).isZero();
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Type")).contains(format.contentType());
        assertThat(head.headers().firstValue("Cache-Control"))
                .contains(format == Format.JPEG ? "no-cache" : "no-store");
        // A stream's response ends when the relay closes the connection, which a viewer's never does.
        assertThat(head.headers().firstValue("Content-Length").isPresent()).isEqualTo(format == Format.JPEG);
    }

    @Test
    void snapshotIsTheNewestPicture() throws Exception {
        int before = SENT.count();
        SENT.awaitCount(before + 2);

        byte[] jpeg = relay.request("GET", TestRelay.path(Format.JPEG)).body();

        byte[] asSent = MjpegBytesTest.withoutApp7Length(jpeg);
        assertThat(SENT.all().subList(before, SENT.count()))
                .as("the newest pictures sent")
                .anyMatch(sent -> Arrays.equals(sent.jpeg(), asSent));
    }

    @Test
    void snapshotIsNotSentAgainToWhoHasIt() throws Exception {
        camera.silence();
        HttpResponse<byte[]> first;
        HttpResponse<byte[]> again;
        String tag;
        try {
            awaitEverySentPicture();
            first = relay.request("GET", TestRelay.path(Format.JPEG));
            tag = first.headers().firstValue("ETag").orElseThrow();
            again = relay.request("GET", TestRelay.path(Format.JPEG), "If-None-Match", tag);
        } finally {
            camera.resume();
        }
        SENT.awaitNext("a picture", sent -> true);
        awaitEverySentPicture();
        HttpResponse<byte[]> newer = relay.request("GET", TestRelay.path(Format.JPEG), "If-None-Match", tag);

        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(first.headers().firstValue("Last-Modified")).isPresent();
        assertThat(ChartReader.read(ImageIO.read(new ByteArrayInputStream(first.body()))))
                .isNotNull();
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(newer.statusCode()).isEqualTo(200);
        assertThat(newer.headers().firstValue("ETag")).isPresent().isNotEqualTo(Optional.of(tag));
    }

    private static void awaitEverySentPicture() throws IOException, InterruptedException {
        relay.awaitMetric(frames -> frames >= camera.counts().frames(), "vbrelay_camera_frames_total");
    }
}
