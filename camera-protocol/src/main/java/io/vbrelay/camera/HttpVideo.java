package io.vbrelay.camera;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.codec.JpegScanner;
import io.vbrelay.camera.http.HttpAuthentication;
import io.vbrelay.camera.http.LenientResponseDecoder;
import io.vbrelay.camera.http.LivescopeStatus;
import io.vbrelay.camera.http.MultipartDecoder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Video over HTTP: asks for it, logs in and follows redirects as it is told to, and asks again when the answer was one
 * picture or has ended (spec, section 5).
 *
 * <pre>
 * [TLS ►] LenientResponseDecoder ► Exchange ► MultipartDecoder or JpegScanner ► FrameDecoder ► Watch ► SessionHandler
 * </pre>
 *
 * <p>The session may take several connections, one at a time: one more for each 401 and each redirect, and one for each
 * picture when the camera closes behind it. Only when none follows is the {@link SessionHandler} told of a connection's end.
 *
 * <p>The session ends as on the native port: when a request brought no picture within the read timeout, be it a broken one,
 * and when no good one came within the read timeout, or two periods if that is longer, after asking or after the last one
 * of a stream.
 */
final class HttpVideo {
    /** Longest picture, in bytes: several times that of any camera with 4096 pixels a side. */
    static final int MAX_FRAME_BYTES = 8 << 20;

    private static final int MAX_REDIRECTS = 3;

    /** Redirects that hold for later requests too (RFC 9110, section 15.4). */
    private static final Set<Integer> PERMANENT = Set.of(301, 308);

    /** Bytes in which a body that is called neither a picture nor multipart must show one (spec, section 5.2). */
    private static final int SNIFF_LIMIT = 65_536;

    private static final int MAX_QUOTED_CHARS = 80;

    private static final String BODY = "body";

    /** Of a response, by its Content-Type. */
    private enum Body {
        /** Not a picture: an error, or nothing yet. */
        NONE,
        /** One picture. */
        PICTURE,
        MULTIPART,
        /** Perhaps pictures, one behind the other. */
        UNKNOWN
    }

    private final HttpAddress address;
    private final CameraSettings settings;
    private final SessionHandler session;
    private final Runnable connect;
    private final long periodNs;
    private final Pace pace;
    private final Duration longestSilence;
    private final @Nullable HttpAuthentication authentication;

    private final Timeout answer = new Timeout();
    private final Timeout silence = new Timeout();
    private final Timeout nextRequest = new Timeout();

    /** Null until {@link #prepare}, and for a camera without TLS. */
    private @Nullable Tls tls;

    /** Where pictures are asked for: the address's place, or where the camera says that it has moved for good. */
    private String home;

    /** Where the next request goes: home, or on from there by redirects that hold for once. */
    private String target;

    /** Since the last good answer. */
    private int redirects;

    /** 401s since the last good answer. */
    private int rejections;

    /** @param connect opens another connection, whose pipeline {@link #begin} is called for */
    HttpVideo(HttpAddress address, CameraSettings settings, SessionHandler session, Runnable connect) {
        this.address = address;
        this.settings = settings;
        this.session = session;
        this.connect = connect;
        periodNs = Pace.periodNs(settings.fps());
        pace = new Pace(periodNs);
        longestSilence = Duration.ofNanos(Math.max(settings.readTimeout().toNanos(), 2 * periodNs));
        Login login = address.login();
        authentication = login == null
                ? null
                : new HttpAuthentication(login.user(), login.password() == null ? "" : login.password());
        home = address.kind() == HttpAddress.Kind.WVHTTP ? getOneShot(address, settings) : address.target();
        target = home;
    }

    /** Canon's command for video without a session; its rate is in pictures per 1000 seconds (facts, section c.5). */
    private static String getOneShot(HttpAddress address, CameraSettings settings) {
        PictureSize size = address.size() == null ? settings.size() : address.size();
        return "/-wvhttp-01-/GetOneShot?"
                + (size == null ? "" : "image_size=" + size + "&")
                + "frame_count=no_limit&frame_rate="
                + Math.round(settings.fps() * 1000);
    }

    /**
     * What cannot be done on the event loop; before the first {@link #begin}.
     *
     * @throws SSLException when Java's trust store cannot be read
     */
    void prepare() throws SSLException {
        tls = address.isEncrypted() ? new Tls(address) : null;
    }

    /** Puts the handlers into a new connection, behind a tap, which sees what is said inside TLS. */
    void begin(ChannelPipeline pipeline) {
        Exchange exchange = new Exchange();
        if (tls != null) {
            pipeline.addFirst(tls.newHandler(pipeline.channel().alloc(), CameraSocket.CONNECT_TIMEOUT));
        }
        pipeline.addLast(new LenientResponseDecoder(), new HttpRequestEncoder());
        pipeline.addLast("exchange", exchange);
        pipeline.addLast(new FrameDecoder(settings.partialFrames(), MAX_FRAME_BYTES));
        pipeline.addLast(exchange.watch());
    }

    /** One connection: requests and what is answered. */
    private final class Exchange extends ChannelInboundHandlerAdapter {
        private int requests;
        private boolean answered;
        private boolean ended;
        private boolean keepAlive;
        private boolean reconnect;

        private Body body = Body.NONE;
        private String description = "";
        private long bodyBytes;
        private boolean pictureSeen;
        private boolean lastPictureWhole;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.fireChannelActive();
            request(ctx);
        }

        private void request(ChannelHandlerContext ctx) {
            pace.begin(ctx.executor().ticker().nanoTime());
            requests++;
            answered = false;
            ended = false;
            body = Body.NONE;
            ctx.writeAndFlush(newRequest()).addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
            answer.start(ctx, settings.readTimeout(), () -> giveUp(settings.readTimeout()));
            if (!silence.isRunning()) {
                silence.start(ctx, longestSilence, () -> giveUp(longestSilence));
            }
        }

        private void giveUp(Duration wait) {
            session.end(CameraException.silent(address, "no picture", wait));
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws IOException {
            if (!(message instanceof HttpObject part)) {
                ctx.fireChannelRead(message);
                return;
            }
            if (part.decoderResult().isFailure()) {
                ReferenceCountUtil.release(message);
                Throwable cause = part.decoderResult().cause();
                fail(Kind.PROTOCOL, "not HTTP: " + printable(String.valueOf(cause.getMessage())));
                return;
            }
            if (message instanceof HttpResponse response) {
                readHead(ctx, response);
            }
            if (message instanceof HttpContent content) {
                readContent(ctx, content);
            }
        }

        private void readHead(ChannelHandlerContext ctx, HttpResponse response) {
            if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL || session.isEnding()) {
                return;
            }
            answered = true;
            keepAlive = HttpUtil.isKeepAlive(response);
            int status = response.status().code();
            HttpHeaders headers = response.headers();
            if (status == 401) {
                logIn(ctx, headers.getAll(HttpHeaderNames.WWW_AUTHENTICATE));
            } else if (response.status().codeClass() == HttpStatusClass.REDIRECTION) {
                redirect(ctx, response);
            } else if (response.status().codeClass() != HttpStatusClass.SUCCESS) {
                refuse(response);
            } else if (LivescopeStatus.code(headers.get(LivescopeStatus.HEADER)) != 0) {
                int code = LivescopeStatus.code(headers.get(LivescopeStatus.HEADER));
                fail(Kind.REFUSED, "the camera refuses: " + LivescopeStatus.describe(code));
            } else {
                rejections = 0;
                redirects = 0;
                readBody(ctx, response);
            }
        }

        private void readBody(ChannelHandlerContext ctx, HttpResponse response) {
            String contentType = response.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
            String type = contentType.strip().toLowerCase(Locale.ROOT);
            description = statusLine(response) + (type.isEmpty() ? ", no Content-Type" : ", " + printable(type));
            bodyBytes = 0;
            pictureSeen = false;
            lastPictureWhole = false;
            ChannelHandler decoder = new JpegScanner(MAX_FRAME_BYTES);
            if (type.startsWith("multipart/")) {
                body = Body.MULTIPART;
                decoder = new MultipartDecoder(contentType, MAX_FRAME_BYTES);
            } else {
                body = type.startsWith("image/") ? Body.PICTURE : Body.UNKNOWN;
            }
            ctx.pipeline().addAfter(ctx.name(), BODY, decoder);
        }

        private void readContent(ChannelHandlerContext ctx, HttpContent content) {
            ByteBuf bytes = content.content();
            if (body == Body.NONE) {
                content.release();
            } else {
                bodyBytes += bytes.readableBytes();
                ctx.fireChannelRead(bytes);
                if (body == Body.UNKNOWN && !pictureSeen && bodyBytes > SNIFF_LIMIT && !isInsidePicture(ctx)) {
                    failForNoPicture();
                } else if (content instanceof LastHttpContent) {
                    readEnd(ctx);
                }
            }
        }

        private boolean isInsidePicture(ChannelHandlerContext ctx) {
            return ctx.pipeline().get(BODY) instanceof JpegScanner scanner && scanner.isInsidePicture();
        }

        /** Nothing more of this body comes, and the decoder gives what it has. */
        private void readEnd(ChannelHandlerContext ctx) {
            ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            ctx.pipeline().remove(BODY);
            ended = true;
            if (body == Body.PICTURE && !pictureSeen) {
                ctx.fireChannelRead(DropReason.NOT_JPEG);
            }
            if (body == Body.PICTURE || lastPictureWhole) {
                pace.next();
                ask(ctx, pace.waitNs(ctx.executor().ticker().nanoTime()));
            } else if (pictureSeen || body == Body.MULTIPART) {
                fail(Kind.CLOSED_BY_CAMERA, pictureSeen ? "ended within a picture" : "ended before the first picture");
            } else {
                failForNoPicture();
            }
            body = Body.NONE;
        }

        private void failForNoPicture() {
            fail(
                    Kind.PROTOCOL,
                    "no camera's answer for " + shownTarget() + ": " + description
                            + "; expected multipart/x-mixed-replace or image/jpeg");
        }

        private void ask(ChannelHandlerContext ctx, long waitNs) {
            nextRequest.start(ctx, Duration.ofNanos(waitNs), () -> {
                target = home;
                if (ended && keepAlive && ctx.channel().isActive()) {
                    request(ctx);
                } else {
                    reconnect(ctx);
                }
            });
        }

        private void reconnect(ChannelHandlerContext ctx) {
            if (ctx.channel().isRegistered()) {
                reconnect = true;
                ctx.close();
            } else {
                connect.run();
            }
        }

        private void logIn(ChannelHandlerContext ctx, List<String> challenges) {
            String realm = printable(HttpAuthentication.realm(challenges));
            rejections++;
            if (authentication == null || address.login() == null) {
                fail(
                        Kind.REFUSED,
                        "wants a user and a password for the realm '" + realm
                                + "': put USER:PASSWORD@ before the host");
            } else if (!authentication.challenge(challenges)) {
                String schemes = printable(String.join(", ", HttpAuthentication.schemes(challenges)));
                fail(Kind.REFUSED, "wants a login by " + schemes + "; expected Basic, or Digest with MD5 or SHA-256");
            } else if (rejections == 1 || (rejections == 2 && authentication.isStale())) {
                reconnect(ctx);
            } else {
                String user = address.login().user();
                fail(
                        Kind.REFUSED,
                        "user '" + user + "' is refused in the realm '" + realm + "': check user and password");
            }
        }

        /** To another place at the same camera. Anywhere else the password doesn't go. */
        private void redirect(ChannelHandlerContext ctx, HttpResponse response) {
            String location = response.headers().get(HttpHeaderNames.LOCATION, "");
            URI here = URI.create((address.isEncrypted() ? "https://" : "http://") + address.endpoint() + "/");
            URI there;
            try {
                there = here.resolve(pathOf(target)).resolve(location.strip());
            } catch (IllegalArgumentException e) {
                fail(Kind.PROTOCOL, statusLine(response) + " to where no URL points");
                return;
            }
            int port = there.getPort() < 0 ? defaultPort(there.getScheme()) : there.getPort();
            boolean same = here.getScheme().equalsIgnoreCase(there.getScheme())
                    && address.host().equalsIgnoreCase(bare(there.getHost()))
                    && address.port() == port;
            if (!same || location.isBlank()) {
                String place =
                        there.getScheme() + "://" + there.getHost() + (port < 0 ? "" : ":" + port) + there.getPath();
                fail(
                        Kind.PROTOCOL,
                        statusLine(response) + " to " + printable(place) + ": put that into the camera's address");
            } else if (++redirects > MAX_REDIRECTS) {
                fail(Kind.PROTOCOL, "more than " + MAX_REDIRECTS + " redirects");
            } else {
                String path = there.getRawPath().isEmpty() ? "/" : there.getRawPath();
                boolean forGood = target.equals(home)
                        && PERMANENT.contains(response.status().code());
                target = there.getRawQuery() == null ? path : path + "?" + there.getRawQuery();
                if (forGood) {
                    home = target;
                }
                reconnect(ctx);
            }
        }

        private void refuse(HttpResponse response) {
            String status = statusLine(response);
            switch (response.status().code()) {
                case 403 -> fail(Kind.REFUSED, status + ": may this host and this user view?");
                case 404, 410 ->
                    fail(Kind.PROTOCOL, status + " for " + shownTarget() + ": check the path of the address");
                case 429, 503 ->
                    fail(Kind.REFUSED, status + ": the camera is busy, or serves as many clients as it can");
                case 400 ->
                    fail(
                            Kind.PROTOCOL,
                            status + " for " + shownTarget()
                                    + (address.isEncrypted() ? "" : "; is it an https:// address?"));
                default -> fail(Kind.PROTOCOL, status + " for " + shownTarget() + "; expected 200");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable thrown) {
            boolean idle = ended || isUnansweredReuse();
            if (idle && thrown instanceof IOException) {
                ctx.close(); // The end of a connection between two pictures is no failure.
            } else {
                CameraException tls = Tls.failure(address, thrown);
                ctx.fireExceptionCaught(tls == null ? thrown : tls);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            CameraException tls = Tls.failedHandshake(address, event);
            if (tls != null) {
                session.end(tls);
            }
            ctx.fireUserEventTriggered(event);
        }

        @Override
        public void channelUnregistered(ChannelHandlerContext ctx) {
            if (!session.isEnding()) {
                if (reconnect || isUnansweredReuse()) {
                    nextRequest.cancel(); // Our own close may have ended a body, and that asked for another picture.
                    connect.run();
                    return;
                }
                if (nextRequest.isRunning()) {
                    return;
                }
                if (!answered && address.kind() != HttpAddress.Kind.HTTPS) {
                    fail(Kind.CLOSED_BY_CAMERA, "closed the connection without an answer; is it an https:// address?");
                }
            }
            answer.cancel();
            silence.cancel();
            nextRequest.cancel();
            ctx.fireChannelUnregistered();
        }

        /** A camera may close a connection that was kept open just when another request goes out. */
        private boolean isUnansweredReuse() {
            return requests > 1 && !answered;
        }

        private FullHttpRequest newRequest() {
            boolean canon = address.kind() == HttpAddress.Kind.WVHTTP;
            HttpVersion version = canon ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1;
            FullHttpRequest request = new DefaultFullHttpRequest(version, HttpMethod.GET, target);
            HttpHeaders headers = request.headers();
            String endpoint = address.endpoint();
            boolean usualPort = address.port() == address.kind().defaultPort();
            headers.set(HttpHeaderNames.HOST, usualPort ? endpoint.substring(0, endpoint.lastIndexOf(':')) : endpoint);
            headers.set(HttpHeaderNames.USER_AGENT, "vbrelay");
            if (canon) {
                headers.set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
            }
            String authorization = authentication == null
                    ? null
                    : authentication.authorization(request.method().name(), target);
            if (authorization != null) {
                headers.set(HttpHeaderNames.AUTHORIZATION, authorization);
            }
            return request;
        }

        /** Sees what became of the pictures. */
        private ChannelHandler watch() {
            return new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext ctx, Object message) {
                    lastPictureWhole = message instanceof JpegFrame;
                    pictureSeen = true;
                    answer.cancel();
                    if (lastPictureWhole) {
                        silence.cancel();
                    }
                    ctx.fireChannelRead(message);
                    if (body == Body.PICTURE) {
                        // The end of the body may never come: its length may be too long.
                        ask(ctx, periodNs);
                    } else if (!silence.isRunning()) {
                        silence.start(ctx, longestSilence, () -> giveUp(longestSilence));
                    }
                }
            };
        }
    }

    private void fail(Kind kind, String why) {
        session.end(new CameraException(kind, address.endpoint() + ": " + why, null));
    }

    /** Without the query, which may hold a password. */
    private String shownTarget() {
        String path = pathOf(target);
        return path.length() == target.length() ? path : path + "?…";
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private static String statusLine(HttpResponse response) {
        return response.status().code() + " " + printable(response.status().reasonPhrase());
    }

    /** What a camera sent, fit for one line of a log, and without a query, which may be the one it was asked with. */
    private static String printable(String text) {
        String shown = text.length() > MAX_QUOTED_CHARS ? text.substring(0, MAX_QUOTED_CHARS) + "…" : text;
        return shown.replaceAll("\\?\\S+", "?…").replaceAll("\\p{Cntrl}", "?");
    }

    private static String bare(@Nullable String host) {
        return host == null ? "" : host.replaceAll("[\\[\\]]", "");
    }

    private static int defaultPort(@Nullable String scheme) {
        return "https".equalsIgnoreCase(scheme)
                ? HttpAddress.Kind.HTTPS.defaultPort()
                : HttpAddress.Kind.HTTP.defaultPort();
    }
}
