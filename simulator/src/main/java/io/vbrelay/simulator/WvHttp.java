package io.vbrelay.simulator;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.EventExecutor;
import io.vbrelay.camera.PictureSize;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The commands of Canon's WebView HTTP protocol that a VB-C10 or VB-C50i knows (facts, section c; spec, section 7.4). Every
 * answer has HTTP status 200; {@code Livescope-Status} tells what came of the command.
 *
 * <p><b>Threads.</b> The event loop.
 */
final class WvHttp {
    private static final Set<String> ADMINISTRATIVE = Set.of("cameracontrol", "setptzspeed");

    /** {@code d} is relative; the speed is in hundredths of degrees a second. */
    private static final Pattern ANGLE = Pattern.compile("(d?)([+-]?\\d{1,6}(?:\\.\\d{1,4})?)(?:@(\\d{1,5}))?");

    private static final Pattern SIZE = Pattern.compile("(\\d{1,4})(?:x(\\d{1,4}))?");
    private static final int MAX_NOTICE_SECONDS = 3600;

    /** Of a long poll that does not say how long. */
    private static final int NOTICE_SECONDS = 60;

    private static final int FOCUS = 0x43;
    private static final int BRIGHTNESS = 0x87;

    /** Why a command is not obeyed. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        final int code;

        RefusedException(int code) {
            super(null, null, false, false); // An answer to the client, which has no use for a stack.
            this.code = code;
        }
    }

    private final SimulatedCamera camera;
    private final Control control;
    private final CameraModel model;
    private final EventExecutor loop;
    private final WvInfo info;
    private final Random random = new SecureRandom();
    private final Map<String, WvSession> sessions = new HashMap<>();

    WvHttp(SimulatedCamera camera, Control control, EventExecutor loop) {
        this.camera = camera;
        this.control = control;
        this.model = control.head().model();
        this.loop = loop;
        this.info = new WvInfo(camera, control);
    }

    /** Whether a command wants the administrator's account. */
    static boolean isAdministrative(String path) {
        return path.startsWith(HttpConnection.WV_HTTP)
                && ADMINISTRATIVE.contains(
                        path.substring(HttpConnection.WV_HTTP.length()).toLowerCase(Locale.ROOT));
    }

    /** The answer, or null when it comes later or is a picture. */
    @Nullable
    HttpAnswer answer(ChannelHandlerContext ctx, HttpRequest request, Set<Fault> faults) {
        try {
            for (Fault fault : faults) {
                if (fault.place() == Fault.Place.LIVESCOPE) {
                    throw new RefusedException(Integer.parseInt(fault.name().replace("STATUS_", "")));
                }
            }
            return obey(ctx, request, faults);
        } catch (RefusedException e) {
            return HttpAnswer.livescopeError(e.code);
        }
    }

    private @Nullable HttpAnswer obey(ChannelHandlerContext ctx, HttpRequest request, Set<Fault> faults)
            throws RefusedException {
        String command =
                request.path().substring(HttpConnection.WV_HTTP.length()).toLowerCase(Locale.ROOT);
        return switch (command) {
            case "opencameraserver" -> open(request);
            case "closecameraserver" -> {
                close(session(request));
                yield ok();
            }
            case "priority" -> setPriority(request);
            case "getcameracontrol" -> {
                control.arbiter().request(session(request));
                yield ok();
            }
            case "releasecameracontrol" -> release(request);
            case "getnotice" -> awaitNotice(ctx, request);
            case "getoneshot" -> sendPictures(ctx, request, faults);
            case "getliveimage" -> sendLiveImage(ctx, request, faults);
            case "changeimagesize" -> changeImageSize(request);
            case "operatecamera" -> operate(request, session(request));
            case "operatecameraex" -> operateEx(request, session(request));
            case "cameracontrol" -> operate(request, null);
            case "setptzspeed" -> setSpeeds(request);
            default -> {
                String body = info.body(command, sessions.size());
                if (body == null) {
                    throw new RefusedException(401);
                }
                yield HttpAnswer.livescope(body);
            }
        };
    }

    private static HttpAnswer ok() {
        return HttpAnswer.livescope("OK.\n");
    }

    private HttpAnswer open(HttpRequest request) throws RefusedException {
        if (sessions.size() >= camera.settings().video().maxClients()) {
            throw new RefusedException(503);
        }
        String id = String.format(Locale.ROOT, "%04X-%08X", random.nextInt(1 << 16), random.nextInt());
        WvSession session = new WvSession(id, size(request), loop, () -> end(id));
        sessions.put(id, session);
        control.join(session);
        return HttpAnswer.livescope("connection_id=" + id + "\n");
    }

    private void end(String id) {
        WvSession session = sessions.get(id);
        if (session != null && session.isWaiting()) {
            session.touch(); // Its client is there, and waits.
        } else if (session != null) {
            close(session);
        }
    }

    private void close(WvSession session) {
        sessions.remove(session.id());
        control.leave(session);
        session.end();
    }

    private WvSession session(HttpRequest request) throws RefusedException {
        WvSession session = sessions.get(required(request, "connection_id", "connection_id"));
        if (session == null) {
            throw new RefusedException(501);
        }
        session.touch();
        return session;
    }

    /** 0, or 5 and more (facts, section c.3). */
    private HttpAnswer setPriority(HttpRequest request) throws RefusedException {
        WvSession session = session(request);
        int priority = number(required(request, "p", "priority"));
        if (priority > model.maxPriority() || (priority > 0 && priority < 5)) {
            throw new RefusedException(403);
        }
        session.setPriority(priority);
        return HttpAnswer.livescope("priority=" + priority + "\n");
    }

    private HttpAnswer release(HttpRequest request) throws RefusedException {
        WvSession session = session(request);
        if (!control.arbiter().isHolder(session)) {
            throw new RefusedException(301);
        }
        control.arbiter().release(session);
        return ok();
    }

    /** Nothing now: the session answers when there is something to tell. */
    private @Nullable HttpAnswer awaitNotice(ChannelHandlerContext ctx, HttpRequest request) throws RefusedException {
        WvSession session = session(request);
        if (session.isWaiting()) {
            throw new RefusedException(408);
        }
        String timeout = request.parameter("timeout");
        session.awaitNotice(ctx, Math.min(MAX_NOTICE_SECONDS, timeout == null ? NOTICE_SECONDS : number(timeout)));
        return null;
    }

    private @Nullable HttpAnswer sendPictures(ChannelHandlerContext ctx, HttpRequest request, Set<Fault> faults)
            throws RefusedException {
        PictureSize size = size(request);
        String rate = request.parameter("frame_rate");
        double fps = rate == null ? Double.POSITIVE_INFINITY : number(rate) / 1000.0;
        if (fps == 0) {
            throw new RefusedException(403);
        }
        String text = request.parameter("frame_count");
        long count = text == null ? 1 : text.equals("no_limit") || number(text) == 0 ? Long.MAX_VALUE : number(text);
        if (count == 1) {
            HttpConnection.single(ctx, camera, size, List.of("Livescope-Status: 0"), faults);
        } else {
            HttpConnection.stream(ctx, camera, size, count, fps, faults);
        }
        return null;
    }

    private @Nullable HttpAnswer sendLiveImage(ChannelHandlerContext ctx, HttpRequest request, Set<Fault> faults)
            throws RefusedException {
        WvSession session = session(request);
        List<String> headers = List.of("Livescope-Status: 0", "Livescope-Frame-Number: " + session.countFrame());
        HttpConnection.single(ctx, camera, session.size(), headers, faults);
        return null;
    }

    private HttpAnswer changeImageSize(HttpRequest request) throws RefusedException {
        if (!model.isC50()) {
            throw new RefusedException(401);
        }
        WvSession session = session(request);
        required(request, "image_size", "v");
        session.resize(size(request));
        session.onResized();
        return ok();
    }

    private HttpAnswer operate(HttpRequest request, @Nullable Operator by) throws RefusedException {
        mustBeAllowed(by);
        Head head = control.head();
        Position now = head.position();
        String panText = request.parameter("pan", "p");
        String tiltText = request.parameter("tilt", "t");
        String zoomText = request.parameter("zoom");
        String times = request.parameter("z");
        Double pan = angle(panText, request.parameter("pan") == null ? 1 : 0.01, now.panDegrees());
        Double tilt = angle(tiltText, request.parameter("tilt") == null ? 1 : 0.01, now.tiltDegrees());
        Double zoom = angle(zoomText, 0.01, now.zoomDegrees());
        if (zoom == null && times != null) {
            zoom = model.zoom().max() / Math.max(1, number(times));
        }
        double panSpeed = head.panSpeed();
        double tiltSpeed = head.tiltSpeed();
        head.setPanSpeed(speed(panText, panSpeed));
        head.setTiltSpeed(speed(tiltText, tiltSpeed));
        boolean moved = control.moveTo(by, pan, tilt, zoom);
        head.setPanSpeed(panSpeed);
        head.setTiltSpeed(tiltSpeed);
        if (!moved) {
            throw new RefusedException(403);
        }
        return ok();
    }

    private HttpAnswer operateEx(HttpRequest request, Operator by) throws RefusedException {
        mustBeAllowed(by);
        String pan = request.parameter("p");
        String zoom = request.parameter("z");
        String mode = request.parameter("m");
        String focus = request.parameter("f");
        String brightness = request.parameter("b");
        if (pan != null) {
            Set<String> words = Set.copyOf(Arrays.asList(pan.split("_", -1)));
            if (!Set.of("stop", "up", "down", "left", "right").containsAll(words)) {
                throw new RefusedException(403);
            }
            control.jog(by, direction(words, "right", "left"), direction(words, "up", "down"));
        } else if (zoom != null) {
            control.jogZoom(by, index(zoom, List.of("tele", "stop", "wide")) - 1);
        } else if (mode != null) {
            control.remember(WvInfo.FOCUS_MODE, index(mode, WvInfo.FOCUS_MODES));
        } else if (focus != null) {
            control.remember(FOCUS, index(focus, List.of("stop", "far", "near")));
        } else if (brightness != null) {
            int value = number(brightness);
            control.remember(BRIGHTNESS, (byte) (value >> 8), (byte) value);
        } else if (request.parameter("s", "w") == null && request.parameter("e") == null) {
            throw new RefusedException(406);
        }
        return ok();
    }

    private void mustBeAllowed(@Nullable Operator by) throws RefusedException {
        if (!control.arbiter().mayOperate(by)) {
            throw new RefusedException(301);
        }
    }

    private HttpAnswer setSpeeds(HttpRequest request) throws RefusedException {
        String pan = request.parameter("pan", "p");
        String tilt = request.parameter("tilt", "t");
        String zoom = request.parameter("zoom", "z");
        if (pan == null && tilt == null && zoom == null) {
            throw new RefusedException(406);
        }
        Head head = control.head();
        if (pan != null) {
            head.setPanSpeed(number(pan) / 100.0);
        }
        if (tilt != null) {
            head.setTiltSpeed(number(tilt) / 100.0);
        }
        if (zoom != null) {
            head.setZoomStep(number(zoom));
        }
        return ok();
    }

    /** The smallest that is not smaller than what is asked for, or the largest. */
    private PictureSize size(HttpRequest request) throws RefusedException {
        String text = request.parameter("image_size", "v");
        if (text == null) {
            return camera.settings().chart().size();
        }
        Matcher asked = SIZE.matcher(text);
        if (!asked.matches()) {
            throw new RefusedException(403);
        }
        int width = Integer.parseInt(asked.group(1));
        int height = asked.group(2) == null ? 0 : Integer.parseInt(asked.group(2));
        return PictureSizes.ALL.stream()
                .filter(size -> size.width() >= width && size.height() >= height)
                .min(Comparator.comparingInt(PictureSize::width))
                .orElse(new PictureSize(768, 576));
    }

    private static @Nullable Double angle(@Nullable String text, double unit, double now) throws RefusedException {
        if (text == null) {
            return null;
        }
        Matcher angle = ANGLE.matcher(text);
        if (!angle.matches()) {
            throw new RefusedException(403);
        }
        double degrees = Double.parseDouble(angle.group(2)) * unit;
        return angle.group(1).isEmpty() ? degrees : now + degrees;
    }

    private static double speed(@Nullable String text, double otherwise) {
        Matcher angle = ANGLE.matcher(text == null ? "" : text);
        return angle.matches() && angle.group(3) != null ? Integer.parseInt(angle.group(3)) / 100.0 : otherwise;
    }

    private static int direction(Set<String> words, String plus, String minus) {
        return (words.contains(plus) ? 1 : 0) - (words.contains(minus) ? 1 : 0);
    }

    private static byte index(String value, List<String> known) throws RefusedException {
        int index = known.indexOf(value);
        if (index < 0) {
            throw new RefusedException(403);
        }
        return (byte) index;
    }

    private static String required(HttpRequest request, String name, String otherName) throws RefusedException {
        String value = request.parameter(name, otherName);
        if (value == null) {
            throw new RefusedException(406);
        }
        return value;
    }

    private static int number(String text) throws RefusedException {
        if (!text.matches("\\d{1,9}")) {
            throw new RefusedException(403);
        }
        return Integer.parseInt(text);
    }
}
