package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vbrelay.camera.PictureSize;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SceneTest {
    private static final PictureSize SMALL = new PictureSize(80, 60);
    private static final PictureSize LARGE = new PictureSize(160, 120);

    private final BlockingQueue<List<Picture>> shown = new ArrayBlockingQueue<>(1);

    @Test
    void nothingIsDrawnUntilItIsWanted() throws InterruptedException {
        try (Scene scene =
                Scene.start(ChartSettings.DEFAULTS.withFps(60), List.of(), new Head(CameraModel.VBC10), shown::put)) {
            assertThat(shown.poll(200, TimeUnit.MILLISECONDS)).isNull();

            scene.want(Set.of(SMALL));

            assertThat(shown.take()).extracting(Picture::number).containsExactly(1L);
        }
    }

    @Test
    void everySizeWantedShowsTheSameMoment() throws InterruptedException {
        try (Scene scene =
                Scene.start(ChartSettings.DEFAULTS.withFps(60), List.of(), new Head(CameraModel.VBC10), shown::put)) {
            scene.want(Set.of(SMALL, LARGE));

            List<Picture> first = shown.take();
            List<Picture> second = shown.take();

            assertThat(first).extracting(Picture::size).containsExactlyInAnyOrder(SMALL, LARGE);
            assertThat(first).extracting(Picture::number).containsOnly(1L);
            assertThat(second).extracting(Picture::number).containsOnly(2L);
            assertThat(first.get(0).captureTime()).isEqualTo(first.get(1).captureTime());
        }
    }

    @Test
    void filesOfTheFolderAreShownInTurn(@TempDir Path folder) throws Exception {
        byte[] one = jpeg(16);
        byte[] other = jpeg(24);
        Files.write(folder.resolve("b.JPG"), other);
        Files.write(folder.resolve("a.jpeg"), one);
        Files.writeString(folder.resolve("notes.txt"), "no picture");
        List<byte[]> files = PictureFolder.load(folder);
        try (Scene scene =
                Scene.start(ChartSettings.DEFAULTS.withFps(60), files, new Head(CameraModel.VBC10), shown::put)) {
            scene.want(Set.of(SMALL));

            assertThat(shown.take().get(0).jpeg()).isEqualTo(one);
            assertThat(shown.take().get(0).jpeg()).isEqualTo(other);
            assertThat(shown.take().get(0).jpeg()).isEqualTo(one);
        }
    }

    @Test
    void folderWithoutPicturesOrWithOthersIsOneLine(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> PictureFolder.load(folder))
                .hasMessage("pictures: expected a folder with .jpg files, got '" + folder + "'");
        Path text = Files.writeString(folder.resolve("a.jpg"), "no picture");
        assertThatThrownBy(() -> PictureFolder.load(folder))
                .hasMessage("pictures: expected JPEG files, got '" + text + "'");
        assertThatThrownBy(() -> PictureFolder.load(text)).hasMessageContaining("expected a folder that exists");
    }

    private static byte[] jpeg(int width) {
        try (JpegEncoder encoder = new JpegEncoder(50)) {
            return encoder.encode(new BufferedImage(width, 16, BufferedImage.TYPE_3BYTE_BGR));
        }
    }

    @Test
    void sceneThatNobodyTakesPicturesFromCanBeClosed() throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Scene scene =
                Scene.start(ChartSettings.DEFAULTS.withFps(60), List.of(), new Head(CameraModel.VBC10), pictures -> {
                    reached.countDown();
                    never.await();
                });
        scene.want(Set.of(SMALL));
        reached.await();

        scene.close();
    }
}
