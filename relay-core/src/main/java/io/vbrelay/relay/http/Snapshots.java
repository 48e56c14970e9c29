package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;
import static io.netty.handler.codec.http.HttpHeaderNames.RETRY_AFTER;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Promise;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Format;
import java.util.concurrent.TimeUnit;

/** Answers requests for a camera's newest picture; who wants one of a camera that is connected to on demand waits for it. */
final class Snapshots {
    /** Well below the time after which a connection that says nothing is closed. */
    private static final long LONGEST_WAIT_MS = TimeUnit.SECONDS.toMillis(20);

    private final Admission admission;
    private final Refusals refusals;

    Snapshots(Admission admission, Refusals refusals) {
        this.admission = admission;
        this.refusals = refusals;
    }

    void answer(ChannelHandlerContext ctx, HttpRequest request, Client client, ServedCamera camera) {
        CameraSource source = camera.source();
        JpegFrame frame = source.currentFrame();
        if (frame != null) {
            if (source.isOnDemand()) {
                source.want(); // It stays connected for who asks again and again.
            }
            picture(ctx, request, frame);
        } else if (source.isOnDemand()) {
            await(ctx, request, client, camera);
        } else {
            noPicture(ctx, request, camera, "yet");
        }
    }

    private void await(ChannelHandlerContext ctx, HttpRequest request, Client client, ServedCamera camera) {
        Limit reached = admission.admit(client, camera.name());
        if (reached != null) {
            refusals.answer(ctx, request, reached);
            return;
        }
        CameraSource source = camera.source();
        long longestMs = Math.min(source.readTimeout().toMillis(), LONGEST_WAIT_MS);
        Promise<Void> picture = ctx.executor().newPromise();
        picture.addListener(done -> admission.leave(client, camera.name()));
        AnswerWait.begin(ctx, request, picture, longestMs, () -> {
            JpegFrame frame = source.currentFrame();
            if (frame != null) {
                picture(ctx, request, frame);
            } else {
                noPicture(ctx, request, camera, "within " + longestMs + " ms");
            }
        });
        source.await(picture);
    }

    private static void noPicture(ChannelHandlerContext ctx, HttpRequest request, ServedCamera camera, String when) {
        HttpHeaders retry = new DefaultHttpHeaders().set(RETRY_AFTER, Answer.RETRY_AFTER_SECONDS);
        Answer.problem(
                ctx,
                request,
                HttpResponseStatus.SERVICE_UNAVAILABLE,
                "camera '" + camera.name() + "' has sent no picture " + when,
                retry);
    }

    /** Releases the frame. */
    private static void picture(ChannelHandlerContext ctx, HttpRequest request, JpegFrame frame) {
        try {
            long ageNs = System.nanoTime() - frame.arrivalNs();
            Validators validators = Validators.of(frame, ageNs);
            HttpHeaders headers = new DefaultHttpHeaders()
                    .set(HttpHeaderNames.CONTENT_TYPE, Format.JPEG.contentType())
                    .set(CACHE_CONTROL, "no-cache") // May be kept, but asked about each time.
                    .set(HttpHeaderNames.AGE, TimeUnit.NANOSECONDS.toSeconds(ageNs));
            validators.addTo(headers);
            if (validators.areKnownBy(request.headers())) {
                Answer.body(ctx, request, HttpResponseStatus.NOT_MODIFIED, Unpooled.EMPTY_BUFFER, headers);
            } else {
                Answer.body(ctx, request, HttpResponseStatus.OK, frame.jpeg().retainedDuplicate(), headers);
            }
        } finally {
            frame.release();
        }
    }
}
