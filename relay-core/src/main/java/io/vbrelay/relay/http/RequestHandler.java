package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;

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
import io.vbrelay.relay.stream.Format;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says who answers what: all requests of a connection until one of them asks for a stream. */
@Sharable
final class RequestHandler extends SimpleChannelInboundHandler<HttpRequest> {
    private static final Pattern LIVE = Pattern.compile("/live/([^/]+)\\.([a-z0-9]+)");
    private static final Logger log = LoggerFactory.getLogger(RequestHandler.class);

    private final List<ServedCamera> cameras;
    private final TrustedProxies proxies;
    private final Streams streams;
    private final Snapshots snapshots;
    private final ViewersApi viewers;
    private final PrometheusMeterRegistry registry;

    RequestHandler(
            List<ServedCamera> cameras,
            TrustedProxies proxies,
            Streams streams,
            Snapshots snapshots,
            ViewersApi viewers,
            PrometheusMeterRegistry registry) {
        this.cameras = cameras;
        this.proxies = proxies;
        this.streams = streams;
        this.snapshots = snapshots;
        this.viewers = viewers;
        this.registry = registry;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            Answer.problem(ctx, request, HttpResponseStatus.BAD_REQUEST, "not an HTTP request this server understands");
            return;
        }
        QueryStringDecoder uri = new QueryStringDecoder(request.uri());
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
        Client client = proxies.client(ctx.channel(), request);
        if (ViewersApi.isAt(path)) {
            viewers.answer(ctx, request, client, path, query);
        } else if (!HttpMethod.GET.equals(request.method()) && !HttpMethod.HEAD.equals(request.method())) {
            Answer.wrongMethod(ctx, request, "GET, HEAD");
        } else {
            route(ctx, request, client, path, query);
        }
    }

    private void route(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Client client,
            String path,
            Map<String, List<String>> query) {
        switch (path) {
            case "/" -> {
                // What mjpg-streamer's users type.
                List<String> action = query.getOrDefault("action", List.of());
                if (action.contains("stream")) {
                    streams.answer(ctx, request, client, cameras.get(0), Format.MJPEG, query);
                } else if (action.contains("snapshot")) {
                    snapshot(ctx, request, client, cameras.get(0));
                } else {
                    page(ctx, request);
                }
            }
            // What uStreamer's users type.
            case "/stream" -> streams.answer(ctx, request, client, cameras.get(0), Format.MJPEG, query);
            case "/snapshot" -> snapshot(ctx, request, client, cameras.get(0));
            case "/healthz" ->
                Answer.json(ctx, request, HttpResponseStatus.OK, new Json.Health("ok"), EmptyHttpHeaders.INSTANCE);
            case "/readyz" -> readiness(ctx, request);
            case "/metrics" -> metrics(ctx, request, client);
            default -> live(ctx, request, client, path, query);
        }
    }

    private void live(
            ChannelHandlerContext ctx,
            HttpRequest request,
            Client client,
            String path,
            Map<String, List<String>> query) {
        Matcher matcher = LIVE.matcher(path);
        if (!matcher.matches()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "nothing is served at " + path + "; see /");
            return;
        }
        String name = matcher.group(1);
        Optional<ServedCamera> camera =
                cameras.stream().filter(served -> served.name().equals(name)).findFirst();
        Optional<Format> format = Format.byExtension(matcher.group(2));
        if (camera.isEmpty()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no camera '" + name + "'; see /");
        } else if (format.isEmpty()) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "no format '" + matcher.group(2) + "'; see /");
        } else if (format.get() == Format.JPEG) {
            snapshot(ctx, request, client, camera.get());
        } else {
            streams.answer(ctx, request, client, camera.get(), format.get(), query);
        }
    }

    private void snapshot(ChannelHandlerContext ctx, HttpRequest request, Client client, ServedCamera camera) {
        if (camera.snapshots()) {
            snapshots.answer(ctx, request, client, camera);
        } else {
            Answer.notAnOutput(ctx, request, Format.JPEG);
        }
    }

    private void page(ChannelHandlerContext ctx, HttpRequest request) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .set(CACHE_CONTROL, "no-cache")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, IndexPage.POLICY);
        Answer.body(ctx, request, HttpResponseStatus.OK, Answer.utf8(IndexPage.html(cameras)), headers);
    }

    private void readiness(ChannelHandlerContext ctx, HttpRequest request) {
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
        Answer.body(ctx, request, HttpResponseStatus.OK, Answer.utf8(registry.scrape()), headers);
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
