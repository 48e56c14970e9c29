package io.vbrelay.camera.control;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpContentException;
import io.netty.util.concurrent.Future;
import io.vbrelay.camera.CameraSocket;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.control.ControlException.Kind;
import io.vbrelay.camera.http.HttpAuthentication;
import io.vbrelay.camera.http.LenientResponseDecoder;
import io.vbrelay.camera.http.LivescopeStatus;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Asks a camera one WV-HTTP question at a time: one connection, one request, one short answer (facts, section c.1). On the
 * event loop only.
 */
final class WvHttp {
    /** For an answer that the camera need not wait for; ours. */
    static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The longest answer that is of use is a list of presets. */
    private static final int MAX_ANSWER_BYTES = 64 << 10;

    private static final Pattern PRESET = Pattern.compile("(?m)^position_\\d+=");
    private static final int MAX_PRESETS = 100;

    private final String host;
    private final int port;
    private final CameraSocket socket;
    private final @Nullable HttpAuthentication authentication;

    WvHttp(EventLoop loop, String host, int port, @Nullable Login login) {
        this.host = host;
        this.port = port;
        socket = new CameraSocket(loop, host, port, CameraSocket.CONNECT_TIMEOUT);
        authentication = login == null
                ? null
                : new HttpAuthentication(login.user(), login.password() == null ? "" : login.password());
    }

    /**
     * What the camera answered.
     *
     * @param status {@code Livescope-Status}, 0 when all is well (facts, section c.2)
     * @param notice {@code Livescope-Notice}, 0 when the answer is none (facts, section c.4)
     */
    record Answer(int status, int notice, String body) {
        boolean isGood() {
            return status == 0;
        }

        boolean is(LivescopeStatus refusal) {
            return status == refusal.code();
        }

        /** The body's {@code key=value} lines. */
        Map<String, String> values() {
            return WvHttp.values(body);
        }
    }

    String endpoint() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** As {@link #ask}, for an answer that has to be good. */
    CompletableFuture<Answer> get(String command) {
        return ask(command, PATIENCE)
                .thenCompose(answer -> answer.isGood()
                        ? CompletableFuture.completedFuture(answer)
                        : CompletableFuture.failedFuture(refusal(answer)));
    }

    /**
     * Sends a command, and once more with user and password if the camera asks for them.
     *
     * @param command with its parameters, such as {@code GetCameraInfo}
     * @return an answer of whatever status
     */
    CompletableFuture<Answer> ask(String command, Duration patience) {
        return exchange(command, patience).thenCompose(response -> {
            if (response.code() == 401 && authentication != null && authentication.challenge(response.challenges())) {
                return exchange(command, patience).thenCompose(this::understood);
            }
            return understood(response);
        });
    }

    /**
     * The camera's presets by name (facts, section c.6): after each {@code position_N=NAME} come its numbers. Presets told
     * wrongly are left out.
     */
    CompletableFuture<Map<String, PtzPosition>> presets() {
        return get("GetPresetList").thenApply(answer -> presets(answer.body()));
    }

    private static Map<String, PtzPosition> presets(String body) {
        Map<String, PtzPosition> presets = new LinkedHashMap<>();
        for (String entry : PRESET.split(body, -1)) {
            int nameEnd = entry.indexOf('\n');
            Map<String, String> values = values(entry);
            if (nameEnd > 0 && presets.size() < MAX_PRESETS) {
                position(values, "pan", "tilt", "zoom")
                        .ifPresent(position ->
                                presets.put(entry.substring(0, nameEnd).strip(), position));
            }
        }
        return presets;
    }

    /** The position in these three values, which count in 0.01 degrees; empty unless all are there and sensible. */
    static Optional<PtzPosition> position(Map<String, String> values, String pan, String tilt, String zoom) {
        try {
            return Optional.of(PtzPosition.ofHundredths(
                    Integer.parseInt(values.getOrDefault(pan, "")),
                    Integer.parseInt(values.getOrDefault(tilt, "")),
                    Integer.parseInt(values.getOrDefault(zoom, ""))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** A body's {@code key=value} lines, whose ends are LF or CRLF. */
    private static Map<String, String> values(String body) {
        Map<String, String> values = new LinkedHashMap<>();
        body.lines().forEach(line -> {
            int equals = line.indexOf('=');
            if (equals > 0) {
                values.put(
                        line.substring(0, equals).strip(),
                        line.substring(equals + 1).strip());
            }
        });
        return values;
    }

    private CompletableFuture<Answer> understood(Response response) {
        if (response.code() == 401 || response.code() == 403) {
            String why = authentication == null
                    ? "the camera wants user and password"
                    : "the camera refuses user or password";
            return failed(Kind.DENIED, endpoint() + ": " + why, null);
        }
        if (response.code() != 200) {
            return failed(Kind.FAILED, endpoint() + ": HTTP " + response.code() + " to a WV-HTTP command", null);
        }
        return CompletableFuture.completedFuture(response.answer());
    }

    /** What an answer of a status other than 0 means (facts, section c.2). */
    ControlException refusal(Answer answer) {
        Kind kind = LivescopeStatus.of(answer.status()).map(WvHttp::kind).orElse(Kind.FAILED);
        String message = endpoint() + ": the camera refuses: " + LivescopeStatus.describe(answer.status());
        return new ControlException(kind, message, null);
    }

    private static Kind kind(LivescopeStatus refusal) {
        return switch (refusal) {
            case NO_CONTROL_RIGHT,
                    CAMERA_NOT_AVAILABLE,
                    CAMERA_NOT_CONTROLLABLE,
                    TOO_MANY_CLIENTS,
                    INSUFFICIENT_PRIVILEGE -> Kind.DENIED;
            case UNKNOWN_OPERATOR -> Kind.UNSUPPORTED;
            default -> Kind.FAILED;
        };
    }

    /** As it came over the wire; whether it is good is not looked at. */
    private record Response(int code, List<String> challenges, Answer answer) {}

    private CompletableFuture<Response> exchange(String command, Duration patience) {
        CompletableFuture<Response> done = new CompletableFuture<>();
        Exchange handler = new Exchange(request(command), patience, done);
        socket.connect(
                () -> true,
                new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline()
                                .addLast(new LenientResponseDecoder())
                                .addLast(new HttpRequestEncoder())
                                .addLast(new HttpObjectAggregator(MAX_ANSWER_BYTES))
                                .addLast(handler);
                    }
                },
                cause -> done.completeExceptionally(
                        new ControlException(Kind.FAILED, String.valueOf(cause.getMessage()), cause)));
        return done;
    }

    private FullHttpRequest request(String command) {
        String target = "/-wvhttp-01-/" + command;
        FullHttpRequest request =
                new DefaultFullHttpRequest(HttpVersion.HTTP_1_0, HttpMethod.GET, target, Unpooled.EMPTY_BUFFER);
        request.headers().set(HttpHeaderNames.HOST, endpoint());
        String authorization = authentication == null ? null : authentication.authorization("GET", target);
        if (authorization != null) {
            request.headers().set(HttpHeaderNames.AUTHORIZATION, authorization);
        }
        return request;
    }

    private static Answer answer(FullHttpResponse response) {
        return new Answer(
                LivescopeStatus.code(response.headers().get(LivescopeStatus.HEADER)),
                LivescopeStatus.code(response.headers().get("Livescope-Notice")),
                body(response.content()));
    }

    /** Lists in languages other than English are UTF-16, big endian, and may end with NUL (facts, section c.6). */
    private static String body(ByteBuf content) {
        boolean wide = content.isReadable(2) && content.getByte(content.readerIndex()) == 0;
        return content.toString(wide ? UTF_16BE : ISO_8859_1).replace("\0", "");
    }

    private static <T> CompletableFuture<T> failed(Kind kind, String message, @Nullable Throwable cause) {
        return CompletableFuture.failedFuture(new ControlException(kind, message, cause));
    }

    /** The connection of one exchange. */
    private final class Exchange extends SimpleChannelInboundHandler<FullHttpResponse> {
        private final FullHttpRequest request;
        private final Duration patience;
        private final CompletableFuture<Response> done;
        private @Nullable Future<?> timeout;

        Exchange(FullHttpRequest request, Duration patience, CompletableFuture<Response> done) {
            this.request = request;
            this.patience = patience;
            this.done = done;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            timeout = ctx.executor()
                    .schedule(
                            () -> fail(ctx, "no answer within " + patience.toMillis() + " ms", null),
                            patience.toNanos(),
                            TimeUnit.NANOSECONDS);
            ctx.writeAndFlush(request).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpResponse response) {
            ctx.close();
            if (response.decoderResult().isFailure()) {
                fail(ctx, "not an HTTP answer", response.decoderResult().cause());
            } else {
                List<String> challenges = response.headers().getAll(HttpHeaderNames.WWW_AUTHENTICATE);
                done.complete(new Response(response.status().code(), challenges, answer(response)));
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (timeout != null) {
                timeout.cancel(false);
            }
            fail(ctx, "closed the connection without an answer", null);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
            fail(ctx, thrown instanceof TooLongHttpContentException ? "answer too long" : "connection lost", thrown);
        }

        private void fail(ChannelHandlerContext ctx, String what, @Nullable Throwable thrown) {
            done.completeExceptionally(new ControlException(Kind.FAILED, endpoint() + ": " + what, thrown));
            ctx.close();
        }
    }
}
