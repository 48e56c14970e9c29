package io.vbrelay.cli;

import io.netty.channel.ChannelHandler;
import io.netty.channel.EventLoop;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraClient;
import io.vbrelay.camera.CameraException;
import io.vbrelay.camera.CameraListener;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.Repair;
import io.vbrelay.camera.VbHeader;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One session with a camera, counted.
 *
 * <p><b>Threads.</b> The counts are written on the session's event loop and may be read once {@link #close} has returned.
 */
final class ClientSession implements CameraListener, AutoCloseable {
    /** So many pictures tell that a dialect is the right one (spec, section 1). */
    static final int ENOUGH_PICTURES = 2;

    private final CameraAddress address;
    private final CompletableFuture<Boolean> enough = new CompletableFuture<>();
    private final CompletableFuture<CameraException> closed = new CompletableFuture<>();
    private final CameraClient client;

    private final LongSummaryStatistics sizeBytes = new LongSummaryStatistics();
    private final Map<Repair, Integer> repairs = new EnumMap<>(Repair.class);
    private final Map<DropReason, Integer> drops = new EnumMap<>(DropReason.class);
    private @Nullable PictureSize pictureSize;
    private @Nullable VbHeader vbHeader;
    private @Nullable Instant vbHeaderArrival;
    private @Nullable String rareCoding;
    private long firstNs;
    private long lastNs;

    /** Begins to connect. */
    ClientSession(
            EventLoop loop, CameraAddress address, CameraSettings settings, @Nullable Supplier<ChannelHandler> tap) {
        this.address = address;
        this.client = CameraClient.connect(loop, address, settings, this, tap);
    }

    CameraAddress address() {
        return address;
    }

    /** Waits for two pictures; false when the session ended before them, or the time is over. */
    boolean hasPicturesWithin(Duration patience) {
        return enough.copy()
                .completeOnTimeout(false, patience.toNanos(), TimeUnit.NANOSECONDS)
                .join();
    }

    /** Completes on the session's event loop when it has ended. */
    CompletableFuture<CameraException> closed() {
        return closed.copy();
    }

    /** Ends the session, unless it has ended, and waits for its end. */
    @Override
    public void close() {
        client.close();
        closed.join();
    }

    /** Why it ended. */
    CameraException cause() {
        return closed.join();
    }

    int pictures() {
        return (int) sizeBytes.getCount();
    }

    LongSummaryStatistics sizeBytes() {
        return sizeBytes;
    }

    /** Of the newest picture. */
    @Nullable
    PictureSize pictureSize() {
        return pictureSize;
    }

    /** Of the newest picture that had one. */
    @Nullable
    VbHeader vbHeader() {
        return vbHeader;
    }

    /** By our clock, when the picture of {@link #vbHeader} came. */
    @Nullable
    Instant vbHeaderArrival() {
        return vbHeaderArrival;
    }

    @Nullable
    String rareCoding() {
        return rareCoding;
    }

    /** Pictures each was needed for. */
    Map<Repair, Integer> repairs() {
        return repairs;
    }

    Map<DropReason, Integer> drops() {
        return drops;
    }

    /** Between the first picture and the last; 0 when there are not two. */
    double picturesPerSecond() {
        return pictures() < 2 || lastNs == firstNs ? 0 : (pictures() - 1) * 1e9 / (lastNs - firstNs);
    }

    /** Since the newest picture came. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - lastNs);
    }

    @Override
    public void onFrame(JpegFrame frame) {
        lastNs = frame.arrivalNs();
        if (pictures() == 0) {
            firstNs = lastNs;
        }
        sizeBytes.accept(frame.jpeg().readableBytes());
        pictureSize = frame.size();
        if (frame.vbHeader() != null) {
            vbHeader = frame.vbHeader();
            vbHeaderArrival = Instant.now();
        }
        if (frame.rareCoding() != null) {
            rareCoding = frame.rareCoding();
        }
        frame.repairs().forEach(repair -> repairs.merge(repair, 1, Integer::sum));
        if (pictures() == ENOUGH_PICTURES) {
            enough.complete(true);
        }
    }

    @Override
    public void onDropped(DropReason reason) {
        drops.merge(reason, 1, Integer::sum);
    }

    @Override
    public void onClosed(CameraException cause) {
        closed.complete(cause);
        enough.complete(false);
    }
}
