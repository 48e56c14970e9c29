package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.ALLOW;
import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;
import static io.netty.handler.codec.http.HttpHeaderNames.RETRY_AFTER;

import io.micrometer.core.instrument.Counter;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers one connection's requests until one of them asks for a stream. */
final class RequestHandler extends SimpleChannelInboundHandler<HttpRequest> {
    private static final Pattern LIVE = Pattern.compile("/live/([^/]+)\\.([a-z0-9]+)");
    private static final String VIEWERS_FULL = "as many viewers as this server allows";
    private static final int RETRY_AFTER_SECONDS = 5;
    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

    private final List<ServedCamera> cameras;
    private final ViewerLimit limit;
    private final Map<String, Counter> rejected;
    private final PrometheusMeterRegistry registry;

    RequestHandler(
            List<ServedCamera> cameras,
            ViewerLimit limit,
            Map<String, Counter> rejected,
            PrometheusMeterRegistry registry) {
        this.cameras = cameras;
        this.limit = limit;
        this.rejected = rejected;
        this.registry = registry;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            problem(ctx, request, HttpResponseStatus.BAD_REQUEST, "not an HTTP request this server understands");
        } else if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            HttpHeaders allow = new DefaultHttpHeaders().set(ALLOW, "GET, HEAD");
            problem(
                    ctx,
                    request,
                    HttpResponseStatus.METHOD_NOT_ALLOWED,
                    request.method() + " is not served here",
                    allow);
        } else {
            route(ctx, request);
        }
    }

    private void route(ChannelHandlerContext ctx, HttpRequest request) {
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
        String path;
        Map<String, List<String>> query;
        try {
            path = uri.path();
            query = uri.parameters();
        } catch (IllegalArgumentException e) {
            problem(
                    ctx,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "a '%' in the address needs two hexadecimal digits after it");
            return;
        }
        switch (path) {
            case "/" -> {
                // What mjpg-streamer's users type.
                List<String> action = query.getOrDefault("action", List.of());
                if (action.contains("stream")) {
                    stream(ctx, request, cameras.get(0), Format.MJPEG, query);
                } else if (action.contains("snapshot")) {
                    snapshot(ctx, request, cameras.get(0));
                } else {
                    page(ctx, request);
                }
            }
            // What uStreamer's users type.
            case "/stream" -> stream(ctx, request, cameras.get(0), Format.MJPEG, query);
            case "/snapshot" -> snapshot(ctx, request, cameras.get(0));
            case "/healthz" ->
                json(ctx, request, HttpResponseStatus.OK, new Json.Health("ok"), EmptyHttpHeaders.INSTANCE);
            case "/readyz" -> readiness(ctx, request);
            case "/metrics" -> metrics(ctx, request);
            default -> live(ctx, request, path, query);
        }
    }

    private void live(ChannelHandlerContext ctx, HttpRequest request, String path, Map<String, List<String>> query) {
        Matcher matcher = LIVE.matcher(path);
        if (!matcher.matches()) {
            problem(ctx, request, HttpResponseStatus.NOT_FOUND, "nothing is served at " + path + "; see /");
            return;
        }
        String name = matcher.group(1);
        Optional<ServedCamera> camera =
                cameras.stream().filter(served -> served.name().equals(name)).findFirst();
        Optional<Format> format = Format.byExtension(matcher.group(2));
        if (camera.isEmpty()) {
            problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no camera '" + name + "'; see /");
        } else if (format.isEmpty()) {
            problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no format '" + matcher.group(2) + "'; see /");
        } else if (format.get() == Format.JPEG) {
            snapshot(ctx, request, camera.get());
        } else {
            stream(ctx, request, camera.get(), format.get(), query);
        }
    }

    private void stream(
            ChannelHandlerContext ctx,
            HttpRequest request,
            ServedCamera camera,
            Format format,
            Map<String, List<String>> query) {
        String profile =
                query.getOrDefault("profile", List.of(Profile.DEFAULT_NAME)).get(0);
        Map<Format, ServedStream> streams = camera.profiles().get(profile);
        if (streams == null) {
            problem(
                    ctx,
                    request,
                    HttpResponseStatus.NOT_FOUND,
                    "no profile '" + profile + "', expected one of "
                            + String.join(", ", camera.profiles().keySet()));
            return;
        }
        ServedStream stream = streams.get(format);
        if (stream == null) {
            notAnOutput(ctx, request, format);
            return;
        }
        if (HttpMethod.HEAD.equals(request.method())) {
            FullHttpResponse head = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1,
                    HttpResponseStatus.OK,
                    Unpooled.EMPTY_BUFFER,
                    streamHeaders(format),
                    EmptyHttpHeaders.INSTANCE);
            ctx.writeAndFlush(head).addListener(ChannelFutureListener.CLOSE);
        } else if (!limit.admit()) {
            full(ctx, request, "viewers", VIEWERS_FULL);
        } else if (!stream.enter()) {
            limit.leave();
            full(
                    ctx,
                    request,
                    "encoders",
                    "as many encoders run as this server allows; another profile may be watched already");
        } else {
            becomeViewer(ctx, stream, format);
        }
    }

    private void full(ChannelHandlerContext ctx, HttpRequest request, String limitName, String error) {
        Objects.requireNonNull(rejected.get(limitName), limitName).increment();
        HttpHeaders retry = new DefaultHttpHeaders().set(RETRY_AFTER, RETRY_AFTER_SECONDS);
        json(ctx, request, HttpResponseStatus.SERVICE_UNAVAILABLE, new Json.Problem(503, error, limitName), retry);
    }

    /** An endless body has no length: it ends with the connection (RFC 9112, section 6.3). */
    private static HttpHeaders streamHeaders(Format format) {
        return new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, format.contentType())
                .set(CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONNECTION, "close");
    }

    /** From here on the connection carries bytes of the stream only, and HTTP's handlers with their buffers go. */
    private void becomeViewer(ChannelHandlerContext ctx, ServedStream stream, Format format) {
        StringBuilder head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        streamHeaders(format)
                .forEach(header -> head.append(header.getKey())
                        .append(": ")
                        .append(header.getValue())
                        .append("\r\n"));
        head.append("\r\n");
        ChannelPipeline pipeline = ctx.pipeline();
        pipeline.remove(ReadTimeoutHandler.class);
        pipeline.remove(HttpServerCodec.class);
        pipeline.remove(PtzHandler.class);
        ctx.channel().config().setAutoRead(true);
        ctx.write(ByteBufUtil.writeAscii(ctx.alloc(), head), ctx.voidPromise());
        ctx.flush();
        pipeline.replace(this, null, new StreamHandler(stream, limit));
    }

    private void snapshot(ChannelHandlerContext ctx, HttpRequest request, ServedCamera camera) {
        if (!camera.snapshots()) {
            notAnOutput(ctx, request, Format.JPEG);
            return;
        }
        CameraSource source = camera.source();
        JpegFrame frame = source.currentFrame();
        if (frame != null) {
            if (source.isOnDemand()) {
                source.want(); // It stays connected for who asks again and again.
            }
            picture(ctx, request, frame);
        } else if (!source.isOnDemand()) {
            noPicture(ctx, request, camera, "yet");
        } else if (!limit.admit()) {
            full(ctx, request, "viewers", VIEWERS_FULL);
        } else {
            ctx.pipeline()
                    .addAfter(
                            ctx.pipeline().context(HttpServerCodec.class).name(),
                            null,
                            new SnapshotWait(request, source, limit, () -> awaitedPicture(ctx, request, camera)));
        }
    }

    private static void awaitedPicture(ChannelHandlerContext ctx, HttpRequest request, ServedCamera camera) {
        JpegFrame frame = camera.source().currentFrame();
        if (frame != null) {
            picture(ctx, request, frame);
        } else {
            noPicture(ctx, request, camera, "within " + SnapshotWait.patienceMs(camera.source()) + " ms");
        }
    }

    private static void noPicture(ChannelHandlerContext ctx, HttpRequest request, ServedCamera camera, String when) {
        HttpHeaders retry = new DefaultHttpHeaders().set(RETRY_AFTER, RETRY_AFTER_SECONDS);
        problem(
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
                respond(ctx, request, HttpResponseStatus.NOT_MODIFIED, Unpooled.EMPTY_BUFFER, headers);
            } else {
                respond(ctx, request, HttpResponseStatus.OK, frame.jpeg().retainedDuplicate(), headers);
            }
        } finally {
            frame.release();
        }
    }

    private void page(ChannelHandlerContext ctx, HttpRequest request) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .set(CACHE_CONTROL, "no-cache")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, IndexPage.POLICY);
        respond(ctx, request, HttpResponseStatus.OK, utf8(IndexPage.html(cameras)), headers);
    }

    private void readiness(ChannelHandlerContext ctx, HttpRequest request) {
        List<Json.Away> away = cameras.stream()
                .filter(camera -> camera.source().isAway())
                .map(camera ->
                        new Json.Away(camera.name(), camera.source().state().label()))
                .collect(Collectors.toList());
        HttpResponseStatus status = away.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        json(ctx, request, status, new Json.Readiness(away.isEmpty(), away), EmptyHttpHeaders.INSTANCE);
    }

    private void metrics(ChannelHandlerContext ctx, HttpRequest request) {
        if (!isLoopback(ctx.channel())) {
            problem(ctx, request, HttpResponseStatus.FORBIDDEN, "metrics are for this machine only");
            return;
        }
        HttpHeaders headers =
                new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        respond(ctx, request, HttpResponseStatus.OK, utf8(registry.scrape()), headers);
    }

    static boolean isLoopback(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote
                && remote.getAddress().isLoopbackAddress();
    }

    private void notAnOutput(ChannelHandlerContext ctx, HttpRequest request, Format format) {
        problem(
                ctx,
                request,
                HttpResponseStatus.NOT_FOUND,
                "'" + format.label() + "' is not among this server's outputs");
    }

    private static void problem(
            ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, String error) {
        problem(ctx, request, status, error, EmptyHttpHeaders.INSTANCE);
    }

    private static void problem(
            ChannelHandlerContext ctx,
            HttpRequest request,
            HttpResponseStatus status,
            String error,
            HttpHeaders extra) {
        json(ctx, request, status, new Json.Problem(status.code(), error, null), extra);
    }

    static void json(
            ChannelHandlerContext ctx, HttpRequest request, HttpResponseStatus status, Object body, HttpHeaders extra) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/json")
                .set(CACHE_CONTROL, "no-store")
                .add(extra);
        respond(ctx, request, status, Unpooled.wrappedBuffer(Json.bytes(body)), headers);
    }

    private static ByteBuf utf8(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Answers with a body of known length, which it releases. */
    private static void respond(
            ChannelHandlerContext ctx,
            HttpRequest request,
            HttpResponseStatus status,
            ByteBuf body,
            HttpHeaders headers) {
        if (!HttpResponseStatus.NOT_MODIFIED.equals(
                status)) { // Its length would be taken for the picture's (RFC 9110, 8.6).
            headers.set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        }
        ByteBuf sent = body;
        if (HttpMethod.HEAD.equals(request.method())) {
            body.release();
            sent = Unpooled.EMPTY_BUFFER;
        }
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, sent, headers, EmptyHttpHeaders.INSTANCE);
        boolean keepAlive =
                HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess();
        HttpUtil.setKeepAlive(response, keepAlive);
        ChannelFuture written = ctx.writeAndFlush(response);
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /** A client that does not read its answers is not read from either, or the answers would pile up here. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof ReadTimeoutException)) {
            log.error("request from {} failed", ctx.channel().remoteAddress(), cause);
        }
        ctx.close();
    }
}
