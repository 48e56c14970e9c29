package io.vbrelay.relay.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.ReadTimeoutException;
import io.vbrelay.camera.Repetition;
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says who answers what: all requests of a connection until one of them asks for a stream. */
@Sharable
final class RequestHandler extends SimpleChannelInboundHandler<HttpRequest> {
    private static final Pattern LIVE = Pattern.compile("/live/([^/]+)\\.([a-z0-9]+)");
    private static final Pattern CAMERA = Pattern.compile("(/cameras|/embed|" + CamerasApi.PATH + ")/([^/]+)");
    private static final String PAGE_FILES = "/page/";
    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

    private final Supplier<Site> site;
    private final PageFiles page;
    private final Streams streams;
    private final Snapshots snapshots;
    private final ViewersApi viewers;
    private final ReloadApi reload;
    private final StatPage stat = new StatPage();
    private final PrometheusMeterRegistry registry;
    private final Supplier<List<String>> hanging;
    private final Repetition repetition = new Repetition(); // Of what somebody may have found to break a request with.

    RequestHandler(
            Supplier<Site> site,
            PageFiles page,
            Streams streams,
            Snapshots snapshots,
            ViewersApi viewers,
            ReloadApi reload,
            PrometheusMeterRegistry registry,
            Supplier<List<String>> hanging) {
        this.site = site;
        this.page = page;
        this.streams = streams;
        this.snapshots = snapshots;
        this.viewers = viewers;
        this.reload = reload;
        this.registry = registry;
        this.hanging = hanging;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Answer.problem(ctx, request, HttpResponseStatus.BAD_REQUEST, "not an HTTP request this server understands");
            return;
        }
        QueryStringDecoder uri = RequestTarget.of(request);
        String path;
        Map<String, List<String>> query;
        try {
            path = uri.path();
            query = uri.parameters();
        } catch (IllegalArgumentException e) {
            Answer.problem(
                    ctx,
                    request,
                    HttpResponseStatus.BAD_REQUEST,
                    "a '%' in the address needs two hexadecimal digits after it");
            return;
        }
        Site now = site.get();
        Client client = now.proxies().client(ctx.channel(), request);
        if (ViewersApi.isAt(path)) {
            viewers.answer(ctx, request, now, client, path, query);
        } else if (path.equals(ReloadApi.PATH)) {
            reload.answer(ctx, request, client);
        } else if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            Answer.wrongMethod(ctx, request, "GET, HEAD");
        } else {
            route(ctx, request, now, client, path, query);
        }
    }

    private void route(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Site now,
            Client client,
            String path,
            Map<String, List<String>> query) {
        switch (path) {
            case "/" -> {
                // What mjpg-streamer's users type.
                List<String> action = query.getOrDefault("action", List.of());
                if (action.contains("stream")) {
                    streams.answer(ctx, request, client, now.cameras().get(0), Format.MJPEG, query);
                } else if (action.contains("snapshot")) {
                    snapshot(ctx, request, client, now.cameras().get(0));
                } else {
                    page.answer(ctx, request, "index.html");
                }
            }
            // What uStreamer's users type.
            case "/stream" -> streams.answer(ctx, request, client, now.cameras().get(0), Format.MJPEG, query);
            case "/snapshot" -> snapshot(ctx, request, client, now.cameras().get(0));
            case "/status" -> page.answer(ctx, request, "status.html");
            // What browsers ask for beside a picture or a stream.
            case "/favicon.ico" -> page.answer(ctx, request, "icon.svg");
            // What ffserver's users type.
            case "/stat.html" -> stat.answer(ctx, request, now.cameras(), client);
            case "/healthz" -> health(ctx, request);
            case "/readyz" -> readiness(ctx, request, now.cameras());
            case "/metrics" -> metrics(ctx, request, client);
            case CamerasApi.PATH -> CamerasApi.answer(ctx, request, client, now.cameras());
            case "/api/v1/openapi.yaml" -> page.answer(ctx, request, "openapi.yaml");
            default -> {
                Matcher camera = CAMERA.matcher(path);
                if (path.startsWith(PAGE_FILES)) {
                    page.answer(ctx, request, path.substring(PAGE_FILES.length()));
                } else if (camera.matches()) {
                    camera(ctx, request, now, client, camera.group(1), camera.group(2));
                } else {
                    live(ctx, request, now, client, path, query);
                }
            }
        }
    }

    private void camera(
            ChannelHandlerContext ctx, HttpRequest request, Site now, Client client, String what, String name) {
        Optional<ServedCamera> camera = now.camera(name);
        if (camera.isEmpty()) {
            noCamera(ctx, request, name);
        } else if (what.equals(CamerasApi.PATH)) {
            CamerasApi.answer(ctx, request, client, camera.get());
        } else {
            page.answer(ctx, request, what.equals("/embed") ? "embed.html" : "camera.html");
        }
    }

    private void live(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Site now,
            Client client,
            String path,
            Map<String, List<String>> query) {
        Matcher matcher = LIVE.matcher(path);
        if (!matcher.matches()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "nothing is served at " + path + "; see /");
            return;
        }
        String name = matcher.group(1);
        Optional<ServedCamera> camera = now.camera(name);
        Optional<Format> format = Format.byExtension(matcher.group(2));
        if (camera.isEmpty()) {
            noCamera(ctx, request, name);
        } else if (format.isEmpty()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no format '" + matcher.group(2) + "'; see /");
        } else if (format.get() == Format.JPEG) {
            snapshot(ctx, request, client, camera.get());
        } else {
            streams.answer(ctx, request, client, camera.get(), format.get(), query);
        }
    }

    private static void noCamera(ChannelHandlerContext ctx, HttpRequest request, String name) {
        Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no camera '" + name + "'; see /");
    }

    private void snapshot(ChannelHandlerContext ctx, HttpRequest request, Client client, ServedCamera camera) {
        if (camera.snapshots()) {
            snapshots.answer(ctx, request, client, camera);
        } else {
            Answer.notAnOutput(ctx, request, Format.JPEG);
        }
    }

    private void health(ChannelHandlerContext ctx, HttpRequest request) {
        List<String> now = hanging.get();
        HttpResponseStatus status = now.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        Json.Health health = now.isEmpty() ? new Json.Health("ok", null) : new Json.Health("hanging", now);
        Answer.json(ctx, request, status, health, EmptyHttpHeaders.INSTANCE);
    }

    private static void readiness(ChannelHandlerContext ctx, HttpRequest request, List<ServedCamera> cameras) {
        List<Json.Away> away = cameras.stream()
                .filter(camera -> camera.source().isAway())
                .map(camera ->
                        new Json.Away(camera.name(), camera.source().state().label()))
                .collect(Collectors.toList());
        HttpResponseStatus status = away.isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE;
        Answer.json(ctx, request, status, new Json.Readiness(away.isEmpty(), away), EmptyHttpHeaders.INSTANCE);
    }

    private void metrics(ChannelHandlerContext ctx, HttpRequest request, Client client) {
        if (!client.isLocal()) {
            Answer.problem(ctx, request, HttpResponseStatus.FORBIDDEN, "metrics are for this machine only");
            return;
        }
        HttpHeaders headers =
                new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8");
        // Written elsewhere than where viewers are served: it has thousands of lines, and the system is asked for some.
        AnswerWait.begin(
                ctx,
                request,
                CompletableFuture.supplyAsync(registry::scrape),
                text -> Answer.body(ctx, request, HttpResponseStatus.OK, Answer.utf8(text), headers));
    }

    /** A client that does not read its answers is not read from either, or the answers would pile up here. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException || cause instanceof ReadTimeoutException)) {
            String more = repetition.next(System.nanoTime());
            if (more != null) {
                log.error("request from {} failed{}", ctx.channel().remoteAddress(), more, cause);
            }
        }
        ctx.close();
    }
}
