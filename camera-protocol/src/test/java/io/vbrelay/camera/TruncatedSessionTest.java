package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionReader;
import io.vbrelay.camera.session.SessionRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The recorded session, cut off anywhere: whole pictures arrive, and the session ends once, as the camera ended it. */
class TruncatedSessionTest {
    private static final String FIXTURE = "/sessions/vbc10-chart-160x120.vbsession";
    private static final NativeAddress GUEST = (NativeAddress) CameraAddress.parse("vbc10://camera");
    private static final CameraSettings SETTINGS =
            new CameraSettings(10, null, Duration.ofSeconds(5), PartialFrames.DROP);
    /** Longer than a reply of each line and a picture may be missing. */
    private static final int SILENCE_S = 10;

    /** "100 OK", LF, NUL. */
    private static final int REPLY_LENGTH = 8;

    private static final List<byte[]> PIECES = piecesOfTheCamera();
    private static final byte[] BYTES = Pictures.concat(PIECES.toArray(byte[][]::new));

    private final RecordingListener listener = new RecordingListener();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest(name = "closed after {0} bytes")
    @MethodSource("cuts")
    void cameraThatCloses(int cut) {
        play(cut);
        channel.close().syncUninterruptibly();
        channel.runPendingTasks();
        assertEnded(cut, Kind.CLOSED_BY_CAMERA);
    }

    @ParameterizedTest(name = "silent after {0} bytes")
    @MethodSource("cuts")
    void cameraThatFallsSilent(int cut) {
        play(cut);
        for (int ms = 0; ms < SILENCE_S * 1000; ms += 50) {
            channel.advanceTimeBy(50, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
        assertEnded(cut, Kind.SILENT);
    }

    static Set<Integer> cuts() {
        Set<Integer> cuts = new TreeSet<>();
        int boundary = 0;
        for (byte[] piece : PIECES) {
            boundary += piece.length;
            cuts.addAll(List.of(boundary - 1, boundary, Math.min(boundary + 1, BYTES.length)));
        }
        for (int cut = 0; cut < BYTES.length; cut += 97) {
            cuts.add(cut);
        }
        return cuts;
    }

    private void play(int cut) {
        channel.freezeTime();
        channel.pipeline().addLast(new TextPhaseHandler(GUEST, SETTINGS), new SessionHandler(GUEST, listener));
        channel.pipeline().fireChannelActive();
        int left = cut;
        for (byte[] piece : PIECES) {
            int length = Math.min(left, piece.length);
            channel.writeInbound(Unpooled.copiedBuffer(piece, 0, length));
            left -= length;
        }
    }

    private void assertEnded(int cut, Kind kind) {
        assertThat(listener.causes).extracting(CameraException::kind).containsExactly(kind);
        assertThat(listener.frames.stream().map(ByteBuffer::wrap).toList()).isEqualTo(picturesWithin(cut));
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        channel.runScheduledPendingTasks();
        assertThat(listener.causes).as("nothing is told after the end").hasSize(1);
    }

    /** The pictures that end before the cut, the length of Canon's APP7 mended. */
    private static List<ByteBuffer> picturesWithin(int cut) {
        List<ByteBuffer> pictures = new ArrayList<>();
        for (int at = 2 * REPLY_LENGTH; at < BYTES.length; ) {
            int begin = at + 8;
            at = begin + ByteBuffer.wrap(BYTES).getInt(at + 4);
            if (at <= cut) {
                byte[] picture = Arrays.copyOfRange(BYTES, begin, at);
                picture[69] = (byte) 0xF4;
                pictures.add(ByteBuffer.wrap(picture));
            }
        }
        return pictures;
    }

    private static List<byte[]> piecesOfTheCamera() {
        List<byte[]> pieces = new ArrayList<>();
        try (InputStream file = Objects.requireNonNull(TruncatedSessionTest.class.getResourceAsStream(FIXTURE));
                SessionReader reader = new SessionReader(file)) {
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                if (next.direction() == Direction.FROM_CAMERA) {
                    pieces.add(next.bytes());
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return pieces;
    }
}
