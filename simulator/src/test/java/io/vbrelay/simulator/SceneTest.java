package io.vbrelay.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.vbrelay.camera.PictureSize;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SceneTest {
    private static final PictureSize SMALL = new PictureSize(80, 60);
    private static final PictureSize LARGE = new PictureSize(160, 120);

    private final BlockingQueue<List<Picture>> shown = new ArrayBlockingQueue<>(1);

    @Test
    void nothingIsDrawnUntilItIsWanted() throws InterruptedException {
        try (Scene scene = Scene.start(ChartSettings.DEFAULTS.withFps(60), new Head(CameraModel.VBC10), shown::put)) {
            assertThat(shown.poll(200, TimeUnit.MILLISECONDS)).isNull();

            scene.want(Set.of(SMALL));

            assertThat(shown.take()).extracting(Picture::number).containsExactly(1L);
        }
    }

    @Test
    void everySizeWantedShowsTheSameMoment() throws InterruptedException {
        try (Scene scene = Scene.start(ChartSettings.DEFAULTS.withFps(60), new Head(CameraModel.VBC10), shown::put)) {
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
    void sceneThatNobodyTakesPicturesFromCanBeClosed() throws InterruptedException {
        CountDownLatch reached = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        Scene scene = Scene.start(ChartSettings.DEFAULTS.withFps(60), new Head(CameraModel.VBC10), pictures -> {
            reached.countDown();
            never.await();
        });
        scene.want(Set.of(SMALL));
        reached.await();

        scene.close();
    }
}
