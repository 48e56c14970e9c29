package io.vbrelay.relay.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.NetUtil;
import io.vbrelay.relay.stream.ViewerStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Answers {@code /api/v1/viewers}, who watches and how that goes, and {@code DELETE}, which ends a viewer's stream. */
final class ViewersApi {
    static final String PATH = "/api/v1/viewers";

    private static final Pattern ID = Pattern.compile("\\d{1,18}");

    private final ViewerRegister register;

    ViewersApi(ViewerRegister register) {
        this.register = register;
    }

    /** A viewer, as its event loop tells of it. */
    private record Seen(Watch watch, ViewerStatus status) {}

    /** The same, as programs read it. */
    private record Told(
            long id,
            String camera,
            String profile,
            String format,
            String address,
            @Nullable String userAgent,
            String since,
            double seconds,
            long sentBytes,
            long skips,
            double lagSeconds,
            int waitingBytes) {
        static Told of(Seen seen, long nowNs) {
            Watch watch = seen.watch();
            ServedStream stream = watch.stream();
            return new Told(
                    watch.id(),
                    stream.camera(),
                    stream.profile(),
                    stream.format().label(),
                    NetUtil.toAddressString(watch.client().address()),
                    watch.userAgent(),
                    Instant.ofEpochMilli(watch.sinceMs()).toString(),
                    TimeUnit.NANOSECONDS.toMillis(nowNs - watch.sinceNs()) / 1e3,
                    seen.status().sentBytes(),
                    seen.status().skips(),
                    TimeUnit.NANOSECONDS.toMillis(seen.status().lagNs()) / 1e3,
                    seen.status().waitingBytes());
        }
    }

    static boolean isAt(String path) {
        return path.equals(PATH) || path.startsWith(PATH + "/");
    }

    void answer(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Site site,
            Client client,
            String path,
            Map<String, List<String>> query) {
        String refusal = LocalOnly.refusal(request, client, "viewers are told to this machine only");
        if (refusal != null) {
            Answer.problem(ctx, request, HttpResponseStatus.FORBIDDEN, refusal);
        } else if (!path.equals(PATH)) {
            end(ctx, request, path.substring(PATH.length() + 1));
        } else if (HttpMethod.GET.equals(request.method()) || HttpMethod.HEAD.equals(request.method())) {
            list(ctx, request, site, query);
        } else {
            Answer.wrongMethod(ctx, request, "GET, HEAD");
        }
    }

    private void list(ChannelHandlerContext ctx, HttpRequest request, Site site, Map<String, List<String>> query) {
        String camera = query.containsKey("camera") ? query.get("camera").get(0) : null;
        if (camera != null && site.camera(camera).isEmpty()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no camera '" + camera + "'; see /");
            return;
        }
        long nowNs = System.nanoTime();
        // Megabytes of text are written elsewhere than where viewers are served.
        CompletableFuture<byte[]> told =
                register.ask(viewers -> seen(viewers, camera, nowNs)).thenApplyAsync(ViewersApi::json);
        AnswerWait.begin(ctx, request, told, json -> {
            HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
            Answer.jsonBytes(ctx, request, HttpResponseStatus.OK, json, headers);
        });
    }

    /** On an event loop whose viewers wait meanwhile: 15,000 take it a few milliseconds, so all that can be is left to others. */
    private static List<Seen> seen(Map<Long, ViewerRegister.Entry> viewers, @Nullable String camera, long nowNs) {
        List<Seen> seen = new ArrayList<>(viewers.size());
        for (ViewerRegister.Entry entry : viewers.values()) {
            if (camera == null || entry.watch().stream().camera().equals(camera)) {
                seen.add(new Seen(entry.watch(), entry.viewer().status(nowNs)));
            }
        }
        return seen;
    }

    private static byte[] json(List<List<Seen>> ofEachLoop) {
        long nowNs = System.nanoTime();
        return Json.bytes(ofEachLoop.stream()
                .flatMap(List::stream)
                .sorted(Comparator.comparingLong(seen -> seen.watch().id()))
                .map(seen -> Told.of(seen, nowNs))
                .toList());
    }

    private void end(ChannelHandlerContext ctx, HttpRequest request, String id) {
        if (!HttpMethod.DELETE.equals(request.method())) {
            Answer.wrongMethod(ctx, request, "DELETE");
        } else if (!ID.matcher(id).matches()) {
            Answer.problem(
                    ctx,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "viewer: expected its number, such as 17, got '" + id + "'");
        } else {
            long number = Long.parseLong(id);
            AnswerWait.begin(ctx, request, register.ask(viewers -> end(viewers, number)), ended -> {
                if (ended.contains(true)) {
                    HttpHeaders headers = new DefaultHttpHeaders().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
                    Answer.body(ctx, request, HttpResponseStatus.NO_CONTENT, Unpooled.EMPTY_BUFFER, headers);
                } else {
                    Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no viewer " + number);
                }
            });
        }
    }

    private static boolean end(Map<Long, ViewerRegister.Entry> viewers, long id) {
        ViewerRegister.Entry entry = viewers.get(id);
        if (entry != null) {
            entry.viewer().end();
        }
        return entry != null;
    }
}
