package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.ALLOW;
import static io.netty.handler.codec.http.HttpHeaderNames.CONNECTION;
import static io.netty.handler.codec.http.HttpHeaderNames.RETRY_AFTER;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.camera.control.PtzPosition;
import io.vbrelay.relay.control.ControlDesk;
import io.vbrelay.relay.control.Operators;
import io.vbrelay.relay.control.Outcome;
import io.vbrelay.relay.control.PtzRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers {@code /api/v1/cameras/{cam}/ptz} and passes everything else on. While an answer is awaited nothing is read; a
 * client that has sent its next request all the same is disconnected behind the answer.
 */
final class PtzHandler extends ChannelInboundHandlerAdapter {
    /** Tells operators apart; whoever knows it is that operator. */
    static final String OPERATOR = "X-Operator";

    private static final Pattern PATH = Pattern.compile("/api/v1/cameras/([^/]+)/ptz");
    private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int MAX_BODY_BYTES = 8 << 10;
    private static final String RETRY_AFTER_SECONDS = "5";

    private final Supplier<Site> site;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    /** Whose body is read or whose answer is awaited. */
    private @Nullable HttpRequest request;

    private @Nullable ControlDesk desk;
    /** Whether the rest of what comes is for nobody. */
    private boolean bodyRead;

    PtzHandler(Supplier<Site> site) {
        this.site = site;
    }

    /** What becomes of a command, as programs read it. */
    private record Told(
            int status,
            String outcome,
            @Nullable String error,
            @Nullable PtzPosition position,
            String operator,
            Operators control) {}

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
        if (request == null) {
            Matcher path = message instanceof HttpRequest candidate ? path(candidate) : null;
            if (path == null) {
                ctx.fireChannelRead(message);
            } else {
                request = (HttpRequest) message;
                begin(ctx, request, path.group(1));
            }
            return;
        }
        try {
            if (!bodyRead && message instanceof HttpContent content) {
                collect(ctx, request, content);
            } else {
                request.headers().set(CONNECTION, "close");
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private static @Nullable Matcher path(HttpRequest request) {
        Matcher path = PATH.matcher(RequestTarget.of(request).rawPath());
        return request.decoderResult().isSuccess() && path.matches() ? path : null;
    }

    private void begin(ChannelHandlerContext ctx, HttpRequest begun, String name) {
        Site now = site.get();
        Optional<ServedCamera> camera = now.camera(name);
        desk = camera.map(ServedCamera::control).orElse(null);
        boolean post = HttpMethod.POST.equals(begun.method());
        String refusal = post ? moveRefusal(begun, now.proxies().client(ctx.channel(), begun)) : null;
        String operator = begun.headers().get(OPERATOR);
        if (camera.isEmpty()) {
            refuse(ctx, begun, HttpResponseStatus.NOT_FOUND, "no camera '" + name + "'; see /");
        } else if (desk == null) {
            refuse(ctx, begun, HttpResponseStatus.NOT_FOUND, "camera '" + name + "' has no control that is known");
        } else if (!post && !HttpMethod.GET.equals(begun.method()) && !HttpMethod.HEAD.equals(begun.method())) {
            refuse(ctx, begun, HttpResponseStatus.METHOD_NOT_ALLOWED, begun.method() + " is not served here");
        } else if (operator != null && !TOKEN.matcher(operator).matches()) {
            refuse(
                    ctx,
                    begun,
                    HttpResponseStatus.BAD_REQUEST,
                    OPERATOR + ": expected 1 to 64 letters, digits, '-', '_'");
        } else if (refusal != null) {
            refuse(ctx, begun, HttpResponseStatus.FORBIDDEN, refusal);
        } else if (post && !isJson(begun)) {
            // A form of some web page cannot send this type, so none moves a camera behind its reader's back.
            refuse(ctx, begun, HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type: expected application/json");
        } else if (HttpUtil.getContentLength(begun, 0L) > MAX_BODY_BYTES) {
            tooLong(ctx, begun);
        } else if (HttpUtil.is100ContinueExpected(begun)) {
            ctx.writeAndFlush(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
        }
    }

    /** Why this client may not move a camera; null if it may. */
    static @Nullable String moveRefusal(HttpRequest request, Client client) {
        return LocalOnly.refusal(request, client, "cameras are moved from this machine only");
    }

    private static boolean isJson(HttpRequest request) {
        CharSequence type = HttpUtil.getMimeType(request);
        return type != null && type.toString().toLowerCase(Locale.ROOT).equals("application/json");
    }

    private void collect(ChannelHandlerContext ctx, HttpRequest current, HttpContent content) throws IOException {
        if (body.size() + content.content().readableBytes() > MAX_BODY_BYTES) {
            tooLong(ctx, current);
            return;
        }
        content.content().readBytes(body, content.content().readableBytes());
        if (content instanceof LastHttpContent) {
            bodyRead = true;
            ctx.channel().config().setAutoRead(false);
            answer(ctx, current);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest current) {
        if (desk == null) {
            throw new IllegalStateException("no desk for a request that was not refused");
        }
        String sent = current.headers().get(OPERATOR);
        if (!HttpMethod.POST.equals(current.method())) {
            await(
                    ctx,
                    desk.status(sent),
                    status -> respond(ctx, current, HttpResponseStatus.OK, status, EmptyHttpHeaders.INSTANCE));
            return;
        }
        PtzRequest command;
        try {
            command = PtzJson.read(body.toByteArray());
        } catch (IllegalArgumentException e) {
            Json.Problem problem = new Json.Problem(400, String.valueOf(e.getMessage()), null);
            respond(ctx, current, HttpResponseStatus.BAD_REQUEST, problem, EmptyHttpHeaders.INSTANCE);
            return;
        }
        String operator = sent != null ? sent : UUID.randomUUID().toString();
        await(ctx, desk.submit(operator, command), told -> tell(ctx, current, operator, told));
    }

    private void tell(ChannelHandlerContext ctx, HttpRequest current, String operator, Outcome.Told told) {
        Outcome outcome = told.outcome();
        HttpResponseStatus status = status(outcome.kind());
        HttpHeaders headers = new DefaultHttpHeaders();
        if (HttpResponseStatus.SERVICE_UNAVAILABLE.equals(status)) {
            headers.set(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        Told answer = new Told(
                status.code(),
                outcome.kind().label(),
                outcome.explanation(),
                outcome.position(),
                operator,
                told.operators());
        respond(ctx, current, status, answer, headers);
    }

    private static HttpResponseStatus status(Outcome.Kind kind) {
        return switch (kind) {
            case DONE -> HttpResponseStatus.OK;
            case UNDER_WAY -> HttpResponseStatus.ACCEPTED;
            case WAITING -> HttpResponseStatus.LOCKED;
            case OVERTAKEN, REFUSED -> HttpResponseStatus.CONFLICT;
            case UNSUPPORTED -> HttpResponseStatus.NOT_IMPLEMENTED;
            case WRONG_PRESET -> HttpResponseStatus.BAD_REQUEST;
            case QUEUE_FULL, BUSY, FAILED -> HttpResponseStatus.SERVICE_UNAVAILABLE;
        };
    }

    /** The stage completes on the camera's event loop; the answer is written on the connection's. */
    private static <T> void await(ChannelHandlerContext ctx, CompletionStage<T> stage, Consumer<T> then) {
        stage.whenCompleteAsync(
                (value, thrown) -> {
                    if (thrown != null) {
                        ctx.fireExceptionCaught(thrown);
                    } else {
                        then.accept(value);
                    }
                },
                ctx.executor());
    }

    private void respond(
            ChannelHandlerContext ctx,
            HttpRequest current,
            HttpResponseStatus status,
            Object answer,
            HttpHeaders extra) {
        body.reset();
        request = null;
        desk = null;
        bodyRead = false;
        Answer.json(ctx, current, status, answer, extra);
        ctx.channel().config().setAutoRead(true);
    }

    private void tooLong(ChannelHandlerContext ctx, HttpRequest refused) {
        refuse(
                ctx,
                refused,
                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "body: expected at most " + MAX_BODY_BYTES + " bytes");
    }

    /** Answers and closes, since the body may not have been read; nothing more is listened to. */
    private void refuse(ChannelHandlerContext ctx, HttpRequest refused, HttpResponseStatus status, String error) {
        bodyRead = true;
        refused.headers().set(CONNECTION, "close");
        HttpHeaders headers = new DefaultHttpHeaders();
        if (HttpResponseStatus.METHOD_NOT_ALLOWED.equals(status)) {
            headers.set(ALLOW, "GET, HEAD, POST");
        }
        Answer.json(ctx, refused, status, new Json.Problem(status.code(), error, null), headers);
    }
}
