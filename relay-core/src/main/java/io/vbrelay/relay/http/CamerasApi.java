package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.transcode.Rendition;
import java.math.BigDecimal;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers {@code /api/v1/cameras} and {@code /api/v1/cameras/{cam}}: what there is to see, and how it stands just now. */
final class CamerasApi {
    static final String PATH = "/api/v1/cameras";

    private CamerasApi() {}

    /** A camera, as programs read of it. What is not known is left out. */
    private record Told(
            String name,
            BigDecimal now,
            String state,
            double stateSeconds,
            boolean onDemand,
            double holdSeconds,
            @Nullable String size,
            @Nullable Double fps,
            @Nullable Double frameAgeSeconds,
            @Nullable BigDecimal frameTime,
            int viewers,
            String control,
            @Nullable String snapshot,
            List<ToldStream> streams) {}

    private record ToldStream(
            String profile,
            String format,
            String codec,
            String url,
            @Nullable String size,
            @Nullable Double fps,
            @Nullable Long bitsPerSecond,
            int viewers,
            @Nullable Double liveSeconds) {}

    static void answer(ChannelHandlerContext ctx, HttpRequest request, Client client, List<ServedCamera> cameras) {
        boolean mayMove = mayMove(request, client);
        json(ctx, request, cameras.stream().map(camera -> told(camera, mayMove)).toList());
    }

    static void answer(ChannelHandlerContext ctx, HttpRequest request, Client client, ServedCamera camera) {
        json(ctx, request, told(camera, mayMove(request, client)));
    }

    private static void json(ChannelHandlerContext ctx, HttpRequest request, Object told) {
        Answer.json(ctx, request, HttpResponseStatus.OK, told, EmptyHttpHeaders.INSTANCE);
    }

    private static boolean mayMove(HttpRequest request, Client client) {
        return PtzHandler.moveRefusal(request, client) == null;
    }

    private static Told told(ServedCamera camera, boolean mayMove) {
        CameraSource source = camera.source();
        long nowNs = System.nanoTime();
        long nowMs = System.currentTimeMillis();
        PictureSize size = null;
        Long ageMs = null;
        JpegFrame newest = source.newestFrame();
        if (newest != null) {
            size = newest.size();
            ageMs = TimeUnit.NANOSECONDS.toMillis(Math.max(0, nowNs - newest.arrivalNs()));
            newest.release();
        }
        PictureSize ofFrames = size;
        return new Told(
                camera.name(),
                seconds(nowMs),
                source.state().label(),
                thousandths(source.stateSeconds()),
                source.isOnDemand(),
                source.holdFor().toMillis() / 1e3,
                text(size),
                known(source.fps()),
                ageMs == null ? null : ageMs / 1e3,
                ageMs == null ? null : seconds(nowMs - ageMs),
                camera.viewers(),
                camera.control() == null ? "none" : mayMove ? "allowed" : "refused",
                camera.snapshots() ? camera.snapshotPath() : null,
                camera.streams().stream()
                        .map(stream -> told(stream, ofFrames, source.fps(), nowNs))
                        .toList());
    }

    private static ToldStream told(ServedStream stream, @Nullable PictureSize ofFrames, double cameraFps, long nowNs) {
        Rendition rendition = stream.rendition();
        PictureSize size = rendition == null ? null : rendition.size();
        long bitsPerSecond = stream.bitsPerSecond();
        return new ToldStream(
                stream.profile(),
                stream.format().label(),
                stream.codec(),
                stream.path(),
                text(size == null ? ofFrames : size),
                known(rendition == null ? cameraFps : rendition.fps()),
                bitsPerSecond == 0 ? null : bitsPerSecond,
                stream.broadcast().viewerCount(),
                rendition == null ? null : known(rendition.secondsAt(nowNs)));
    }

    private static @Nullable String text(@Nullable PictureSize size) {
        return size == null ? null : size.toString();
    }

    /** As a decimal, which is written without an exponent. */
    private static BigDecimal seconds(long sinceEpochMs) {
        return BigDecimal.valueOf(sinceEpochMs, 3);
    }

    /** To thousandths; null for what is not a number. */
    private static @Nullable Double known(double value) {
        return Double.isNaN(value) ? null : thousandths(value);
    }

    private static double thousandths(double value) {
        return Math.round(value * 1e3) / 1e3;
    }
}
