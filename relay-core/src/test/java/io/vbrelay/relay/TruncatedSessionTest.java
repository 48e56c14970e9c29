package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import io.vbrelay.relay.config.Profile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session that breaks off, wherever that is, has given its whole pictures and ends in a reconnect. */
@Timeout(120)
class TruncatedSessionTest {
    private static final Path FIXTURE =
            Path.of("../camera-protocol/src/test/resources/sessions/vbc10-chart-160x120.vbsession");
    private static final int PICTURES = 20;
    private static final int GRAM_HEADER_BYTES = 8;

    /** Each waits a second before it comes again, so many of them make short work of many cuts. */
    private static final int CAMERAS = 200;

    /** A prime, so that cuts fall on every kind of place; all 100 thousand would take too long. */
    private static final int BYTES_BETWEEN_CUTS = 211;

    private static final int CUTS_AROUND_A_BOUNDARY = 6;

    private final Complaints complaints = new Complaints();

    @AfterEach
    void nobodyComplainedAndEveryBufferIsReleased() {
        complaints.close();
        assertThat(complaints.all()).isEmpty();
        LeakPresenceDetector.check();
    }

    @Test
    void truncationGivesItsWholePicturesAndAReconnectWhereverItIs() throws Exception {
        byte[] session = camerasBytes();
        List<Integer> ends = endsOfPictures(session);
        assertThat(ends).hasSize(PICTURES);
        List<Integer> cuts = cuts(session.length, ends);
        long wholePictures = cuts.stream()
                .mapToLong(cut -> ends.stream().filter(end -> end <= cut).count())
                .sum();
        try (TruncatingCamera camera = new TruncatingCamera(session, cuts);
                TestRelay relay = new TestRelay(
                        Profile.DEFAULT,
                        CameraSettings.DEFAULT_READ_TIMEOUT,
                        Collections.nCopies(CAMERAS, camera.address()))) {
            relay.awaitMetric(ended -> ended >= cuts.size(), "vbrelay_camera_reconnects_total");
            assertThat(relay.metric("vbrelay_camera_frames_total")).isEqualTo((double) wholePictures);

            Map<String, Double> before = relay.series("vbrelay_camera_frames_total");
            camera.heal();
            relay.awaitSeries(
                    frames -> before.entrySet().stream()
                            .allMatch(old -> frames.getOrDefault(old.getKey(), 0.0) > old.getValue()),
                    "vbrelay_camera_frames_total");
        }
    }

    private static byte[] camerasBytes() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (SessionReader reader = SessionReader.open(FIXTURE)) {
            for (SessionRecord piece = reader.next(); piece != null; piece = reader.next()) {
                if (piece.direction() == Direction.FROM_CAMERA) {
                    bytes.writeBytes(piece.bytes());
                }
            }
        }
        return bytes.toByteArray();
    }

    /** Where each picture's message ends; before the first stand two replies, each up to a NUL. */
    private static List<Integer> endsOfPictures(byte[] session) {
        ByteBuffer in = ByteBuffer.wrap(session);
        for (int replies = 0; replies < 2; ) {
            if (in.get() == 0) {
                replies++;
            }
        }
        List<Integer> ends = new ArrayList<>();
        while (in.hasRemaining()) {
            int length = in.getInt(in.position() + 4);
            in.position(in.position() + GRAM_HEADER_BYTES + length);
            ends.add(in.position());
        }
        return ends;
    }

    /** In no order, so that those before the first picture, after which a camera is left alone for longer, are spread. */
    private static List<Integer> cuts(int length, List<Integer> ends) {
        TreeSet<Integer> cuts = new TreeSet<>();
        for (int cut = 0; cut < length; cut += BYTES_BETWEEN_CUTS) {
            cuts.add(cut);
        }
        for (int cut = 0; cut < 40; cut++) {
            cuts.add(cut); // The replies and the first message's header.
        }
        for (int end : ends) {
            for (int cut = end - CUTS_AROUND_A_BOUNDARY; cut <= end + CUTS_AROUND_A_BOUNDARY && cut <= length; cut++) {
                cuts.add(cut);
            }
        }
        List<Integer> shuffled = new ArrayList<>(cuts);
        Collections.shuffle(shuffled, new Random(1));
        return shuffled;
    }
}
