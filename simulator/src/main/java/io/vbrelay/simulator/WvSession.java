package io.vbrelay.simulator;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import io.vbrelay.camera.PictureSize;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A session of WV-HTTP: what one client has opened, over as many connections as it likes (facts, section c.3).
 *
 * <p><b>Threads.</b> The event loop.
 */
final class WvSession implements Operator {
    /** A client that asks for no notices misses the oldest. */
    private static final int MAX_NOTICES = 100;

    /** A session that nobody uses ends, or a client that died would keep the right for ever. Real cameras' time is not known. */
    private static final int IDLE_SECONDS = 60;

    private final String id;
    private final EventExecutor loop;
    private final Runnable onIdle;
    private final Deque<HttpAnswer> notices = new ArrayDeque<>();
    private PictureSize size;
    private int priority;
    private long frames;
    private @Nullable ScheduledFuture<?> idle;

    /** The client that waits for a notice, and how long still. */
    private @Nullable ChannelHandlerContext waiting;

    private @Nullable ScheduledFuture<?> timeout;

    WvSession(String id, PictureSize size, EventExecutor loop, Runnable onIdle) {
        this.id = id;
        this.size = size;
        this.loop = loop;
        this.onIdle = onIdle;
        // What an applet waits for before it does anything (facts, section c.4).
        tell(11, "video_capture_server connection_established", "");
        tell(14, "camera_control_server connection_established", "");
        touch();
    }

    String id() {
        return id;
    }

    PictureSize size() {
        return size;
    }

    void resize(PictureSize other) {
        size = other;
    }

    void setPriority(int priority) {
        this.priority = priority;
    }

    /** The number of the next picture that this session gets. */
    long countFrame() {
        return ++frames;
    }

    /** Somebody uses the session. */
    void touch() {
        if (idle != null) {
            idle.cancel(false);
        }
        idle = loop.schedule(onIdle, IDLE_SECONDS, TimeUnit.SECONDS);
    }

    boolean isWaiting() {
        return waiting != null;
    }

    /** Answers now or as soon as there is a notice, or with 404 when there is none in time. */
    void awaitNotice(ChannelHandlerContext ctx, long seconds) {
        HttpAnswer notice = notices.poll();
        if (notice != null) {
            notice.send(ctx);
            return;
        }
        waiting = ctx;
        timeout = loop.schedule(() -> answerWaiting(HttpAnswer.livescopeError(404)), seconds, TimeUnit.SECONDS);
        ctx.channel().closeFuture().addListener(closed -> forget(ctx));
    }

    void end() {
        answerWaiting(HttpAnswer.livescopeError(501));
        if (idle != null) {
            idle.cancel(false);
        }
    }

    @Override
    public int priority() {
        return priority;
    }

    @Override
    public void onGranted(long limitMs) {
        tell(31, "enabled_camera_control", "time_limit=" + limitMs + "\n");
    }

    @Override
    public void onLost() {
        tell(32, "disabled_camera_control", "");
    }

    @Override
    public void onWaiting(long waitMs) {
        tell(33, "waiting_camera_control", "wait_time=" + waitMs + "\n");
    }

    @Override
    public void onRefused() {
        tell(34, "failed_to_get_camera_control", "");
    }

    @Override
    public void onStopped(Position position, boolean own) {
        String where = String.format(
                Locale.ROOT,
                "pan=%d\ntilt=%d\nzoom=%d\nback_light=OFF\n",
                Position.hundredths(position.panDegrees()),
                Position.hundredths(position.tiltDegrees()),
                Position.hundredths(position.zoomDegrees()));
        tell(own ? 41 : 42, own ? "camera_operated" : "camera_operated_by_another_client", where);
    }

    void onResized() {
        tell(61, "image_size_changed", "image_width=" + size.width() + "\nimage_height=" + size.height() + "\n");
    }

    private void tell(int number, String name, String details) {
        HttpAnswer notice = HttpAnswer.livescope(name + "\n" + details).with("Livescope-Notice: " + number);
        if (waiting != null) {
            answerWaiting(notice);
        } else {
            if (notices.size() == MAX_NOTICES) {
                notices.remove();
            }
            notices.add(notice);
        }
    }

    private void answerWaiting(HttpAnswer answer) {
        ChannelHandlerContext ctx = waiting;
        if (ctx != null) {
            forget(ctx);
            touch();
            answer.send(ctx);
        }
    }

    private void forget(ChannelHandlerContext ctx) {
        if (waiting == ctx) {
            waiting = null;
            if (timeout != null) {
                timeout.cancel(false);
            }
        }
    }
}
