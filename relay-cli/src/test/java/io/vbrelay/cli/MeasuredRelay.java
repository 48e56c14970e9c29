package io.vbrelay.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

/** A simulated camera and a relay before it, each a process of its own: 640x480, 15 pictures a second, 500 kbit/s. */
final class MeasuredRelay implements AutoCloseable {
    static final int FPS = 15;

    private final Program camera;
    private final Program relay;
    private final String page;

    /** @param flags for the relay, besides */
    MeasuredRelay(String... flags) throws IOException, InterruptedException {
        // Noise makes the camera's pictures as large as the goals' (26 kB), and gives encoders something to do.
        camera = Program.launch(
                List.of(),
                ("simulate --video-port 0 --control-port 0 --http-port 0 --noise 0.05 --fps " + FPS).split(" "));
        String address = camera.awaitOut("(vbc10://\\S+)");
        Stream<String> usual = Stream.of(
                ("run --listen 127.0.0.1:0 --bitrate 500k --max-viewers 15500 --max-bandwidth 10g --batch 0ms --fps "
                                + FPS + " --camera " + address)
                        .split(" "));
        relay = Program.launch(List.of(), Stream.concat(usual, Stream.of(flags)).toArray(String[]::new));
        relay.awaitErr("(pictures of)"); // Then it has all the sockets that it has without viewers.
        page = relay.awaitOut("(http://\\S+?)/?$");
    }

    /** The relay as one that serves this stream. Not to be closed. */
    MeasuredServer serving(String format) throws IOException {
        return new MeasuredServer(relay, page + "/live/cam." + format);
    }

    @Override
    public void close() throws InterruptedException {
        relay.close();
        camera.close();
    }
}
