package io.vbrelay.simulator;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vbrelay.camera.PictureSize;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the camera sees: draws and encodes each picture once, at the scene's rate, in every size that is wanted, and
 * rests while none is.
 *
 * <p><b>Threads.</b> One thread of its own draws; {@link #want} and {@link #close} are called from any other.
 */
final class Scene implements AutoCloseable {
    /** Takes what was drawn; called on the scene's thread, which waits for it, so pictures never queue up. */
    interface Viewfinder {
        void show(List<Picture> pictures) throws InterruptedException;
    }

    private static final Logger log = LoggerFactory.getLogger(Scene.class);

    private final ChartSettings settings;
    private final List<byte[]> files;
    private final Viewfinder viewfinder;
    private final Head head;
    private final Thread thread = new Thread(this::run, "scene");

    @GuardedBy("this")
    private Set<PictureSize> wanted = Set.of();

    // Scene thread
    private final Map<PictureSize, Chart> charts = new HashMap<>();
    private long number;

    private Scene(ChartSettings settings, List<byte[]> files, Head head, Viewfinder viewfinder) {
        this.settings = settings;
        this.files = files;
        this.head = head;
        this.viewfinder = viewfinder;
    }

    /** @param files shown in turn, in every size that is wanted; none shows the chart */
    static Scene start(ChartSettings settings, List<byte[]> files, Head head, Viewfinder viewfinder) {
        Scene scene = new Scene(settings, files, head, viewfinder);
        scene.thread.setDaemon(true);
        scene.thread.start();
        return scene;
    }

    /** Replaces the sizes to draw from the next picture on. */
    synchronized void want(Set<PictureSize> sizes) {
        wanted = Set.copyOf(sizes);
        notifyAll();
    }

    private void run() {
        long periodNs = (long) (1e9 / settings.fps());
        long dueNs = System.nanoTime();
        try (JpegEncoder encoder = new JpegEncoder(settings.quality())) {
            while (true) {
                Set<PictureSize> sizes = awaitTurn(dueNs);
                viewfinder.show(draw(sizes, encoder));
                // An absolute clock, so that lateness does not add up; a whole period missed is not made up for.
                dueNs = Math.max(dueNs + periodNs, System.nanoTime());
            }
        } catch (InterruptedException e) {
            // close() was called.
        } catch (RuntimeException e) {
            log.error("the scene stopped", e);
        }
    }

    private synchronized Set<PictureSize> awaitTurn(long dueNs) throws InterruptedException {
        while (true) {
            long waitNs = dueNs - System.nanoTime();
            if (wanted.isEmpty()) {
                wait();
            } else if (waitNs > 0) {
                // Rounded up: a wait of 0 ms is a wait for ever.
                wait(waitNs / 1_000_000 + 1);
            } else {
                return wanted;
            }
        }
    }

    private List<Picture> draw(Set<PictureSize> sizes, JpegEncoder encoder) {
        number++;
        Instant now = Instant.now();
        Position position = head.position();
        return sizes.stream().map(size -> draw(size, now, position, encoder)).toList();
    }

    private Picture draw(PictureSize size, Instant now, Position position, JpegEncoder encoder) {
        if (!files.isEmpty()) {
            return new Picture(number, now, size, files.get((int) ((number - 1) % files.size())));
        }
        Chart chart =
                charts.computeIfAbsent(size, s -> new Chart(s, settings.model().title(), settings.noise()));
        byte[] jfif = encoder.encode(chart.draw(number, now, position));
        byte[] vbBlock = VbBlock.bytes(settings, size, now, position);
        return new Picture(number, now, size, settings.jpegShape().apply(jfif, vbBlock));
    }

    /** Returns when the thread has ended. */
    @Override
    public void close() {
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
