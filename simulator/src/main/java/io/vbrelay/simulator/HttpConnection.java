package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.HttpSettings.Scheme;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers the one request of a connection to the HTTP port.
 *
 * <pre>
 * /-wvhttp-01-/Command   WV-HTTP, see {@link WvHttp}
 * /stream                the pictures as multipart/x-mixed-replace, as any camera gives them
 * /snapshot.jpg          one picture
 * /-sim-/…               the simulator's own API, see {@link SimulatorApi}
 * </pre>
 */
final class HttpConnection extends SimpleChannelInboundHandler<HttpRequest> {
    static final String WV_HTTP = "/-wvhttp-01-/";
    private static final String API = "/-sim-/";
    private static final String REALM = "User";

    private final SimulatedCamera camera;

    HttpConnection(SimulatedCamera camera) {
        this.camera = camera;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpRequest request) {
        if (request.path().startsWith(API)) {
            new SimulatorApi(camera)
                    .answer(request, request.path().substring(API.length()))
                    .send(ctx);
        } else if (!camera.isSilent()) {
            camera.countHttpRequest();
            answer(ctx, request);
        }
    }

    private void answer(ChannelHandlerContext ctx, HttpRequest request) {
        boolean isWv = request.path().startsWith(WV_HTTP);
        Set<Fault> faults = isWv
                ? camera.faults().strike(Fault.Place.RESPONSE, Fault.Place.LIVESCOPE)
                : camera.faults().strike(Fault.Place.RESPONSE);
        String lineEnd = faults.contains(Fault.LF_HEADERS) ? "\n" : HttpAnswer.CRLF;
        HttpAnswer refusal =
                refusal(request, isWv ? Scheme.BASIC : camera.settings().http().scheme(), faults);
        if (refusal != null) {
            refusal.send(ctx, lineEnd);
        } else if (isWv) {
            HttpAnswer answer = camera.wvHttp().answer(ctx, request, faults);
            if (answer != null) {
                answer.send(ctx, lineEnd);
            }
        } else if (request.path().equals("/stream")) {
            stream(ctx, camera, camera.settings().chart().size(), Long.MAX_VALUE, Double.POSITIVE_INFINITY, faults);
        } else if (request.path().equals("/snapshot.jpg")) {
            single(ctx, camera, camera.settings().chart().size(), List.of(), faults);
        } else {
            HttpAnswer.plain(404, "404\n").send(ctx, lineEnd);
        }
    }

    /** What a client without the right login gets, or null for one who may go on. */
    private @Nullable HttpAnswer refusal(HttpRequest request, Scheme scheme, Set<Fault> faults) {
        if (faults.contains(Fault.NO_REALM)) {
            return HttpAnswer.plain(401, "401\n");
        }
        Login login = camera.settings().login();
        if (login == null || !login.enforced()) {
            return null;
        }
        String realm = WvHttp.isAdministrative(request.path()) ? "Administrator" : REALM;
        return camera.httpLogin().accepts(request, login, scheme, realm)
                ? null
                : HttpAnswer.plain(401, "401\n").with(camera.httpLogin().challenge(scheme, realm));
    }

    /** Answers with so many pictures, at most so many a second. */
    static void stream(
            ChannelHandlerContext ctx,
            SimulatedCamera camera,
            PictureSize size,
            long count,
            double fps,
            Set<Fault> faults) {
        HttpSettings settings = camera.settings().http();
        HttpAnswer answer = new HttpAnswer(
                200, List.of("Livescope-Status: 0", PartPacking.contentType(settings, faults)), new byte[0]);
        ByteBuf head = ctx.alloc().buffer();
        head.writeCharSequence(answer.head(faults.contains(Fault.LF_HEADERS) ? "\n" : HttpAnswer.CRLF), US_ASCII);
        ctx.writeAndFlush(head);
        PartPacking packing = new PartPacking(settings, faults);
        PictureFeed feed =
                PictureFeed.unasked(camera, size, packing, count, fps, Fault.Place.PICTURE, Fault.Place.PART);
        ctx.pipeline().addAfter(ctx.name(), null, feed);
    }

    /** Answers with one picture. */
    static void single(
            ChannelHandlerContext ctx,
            SimulatedCamera camera,
            PictureSize size,
            List<String> headers,
            Set<Fault> faults) {
        String lineEnd = faults.contains(Fault.LF_HEADERS) ? "\n" : HttpAnswer.CRLF;
        PictureFeed.Packing packing = (allocator, picture, struck) -> {
            ByteBuf file = PictureMessage.bare(allocator, picture, struck);
            HttpAnswer answer = new HttpAnswer(200, headers, new byte[0])
                    .with("Content-Type: image/jpeg")
                    .with("Content-Length: " + file.readableBytes());
            ByteBuf head = allocator.buffer();
            head.writeCharSequence(answer.head(lineEnd), US_ASCII);
            return allocator.compositeBuffer(2).addComponents(true, head, file);
        };
        PictureFeed feed = PictureFeed.unasked(camera, size, packing, 1, Double.POSITIVE_INFINITY, Fault.Place.PICTURE);
        ctx.pipeline().addAfter(ctx.name(), null, feed);
    }
}
