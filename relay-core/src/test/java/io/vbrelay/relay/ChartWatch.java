package io.vbrelay.relay;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartReader;
import io.vbrelay.simulator.ChartReading;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code ffmpeg} decodes of a stream, picture by picture: the chart's reading, or empty where there is no chart to
 * read. <b>Threads.</b> One of its own reads.
 */
final class ChartWatch implements AutoCloseable {
    private final Seen<Optional<ChartReading>> pictures = new Seen<>();
    private final PictureSize size;
    private final Path complaints;
    private final Process ffmpeg;
    private final Thread thread = new Thread(this::read, "chart-watch");

    ChartWatch(String url, PictureSize size) throws IOException {
        this.size = size;
        complaints = Files.createTempFile("chart-watch", ".err");
        ffmpeg = Programs.start(new ProcessBuilder(
                        // One thread, or pictures would be held back.
                        ("ffmpeg -nostdin -v error -threads 1 -flags low_delay -analyzeduration 500000 -i " + url
                                        + " -vsync passthrough -enc_time_base 1:1000 -f rawvideo -pix_fmt gray -flush_packets 1 pipe:1")
                                .split(" "))
                .redirectError(complaints.toFile()));
        thread.setDaemon(true);
        thread.start();
    }

    Seen<Optional<ChartReading>> pictures() {
        return pictures;
    }

    /** What the decoder did not like so far. */
    String complaints() throws IOException {
        return Files.readString(complaints);
    }

    private void read() {
        int bytes = size.width() * size.height();
        InputStream luma = ffmpeg.getInputStream();
        try {
            for (byte[] next = luma.readNBytes(bytes); next.length == bytes; next = luma.readNBytes(bytes)) {
                pictures.add(Optional.ofNullable(
                        ChartReader.read(ByteBuffer.wrap(next), size.width(), size.height(), size.width())));
            }
        } catch (IOException e) {
            // Closed by us; a test that still waits says what it waits for.
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        ffmpeg.destroyForcibly().waitFor();
        thread.join();
        Files.delete(complaints);
    }
}
