package io.vbrelay.simulator;

import io.vbrelay.camera.PictureSize;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the information commands of WV-HTTP answer (facts, section c.6). Where only a value's meaning is known and not its
 * name, the name is our own: docs/simulator.md lists those.
 */
final class WvInfo {
    /** The id of the native control port under which the focus mode is remembered: an index of {@link #FOCUS_MODES}. */
    static final int FOCUS_MODE = 0x40;

    static final List<String> FOCUS_MODES = List.of("auto", "manual", "far_fix", "dome");

    private final SimulatedCamera camera;
    private final Control control;
    private final CameraModel model;
    private final Instant startTime = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    WvInfo(SimulatedCamera camera, Control control) {
        this.camera = camera;
        this.control = control;
        this.model = control.head().model();
    }

    /** The answer to a command in small letters, or null when it asks for no information. */
    @Nullable
    String body(String command, int sessions) {
        return switch (command) {
            case "getprotocolversion" -> model.protocolVersion() + "\n";
            case "getcameraserverinfo" -> serverInfo();
            case "getsysteminfo" -> systemInfo(sessions);
            case "getvideoinfo" -> videoInfo();
            case "getcamerainfo" -> cameraInfo();
            case "getcameralist" -> lines("number_of_cameras=1", "camera_129=" + model.title());
            case "getpresetlist" -> presetList();
            case "getptzspeedinfo" -> speedInfo();
            default -> null;
        };
    }

    private String serverInfo() {
        PictureSize size = camera.settings().chart().size();
        String host = camera.settings().host();
        return lines(
                "date_and_time=" + Instant.now().truncatedTo(ChronoUnit.SECONDS),
                "vc_host=" + host,
                "vc_port=" + camera.address().getPort(),
                "cc_host=" + host,
                "cc_port=" + camera.controlAddress().getPort(),
                model.isC50() ? "modelNumber=" + model.number() : "",
                model.isC50() ? "firmVersion=1.2.77" : "",
                "number_of_available_cameras=1",
                "video_sources=1",
                model.isC50() ? "number_of_image_sizes=" + PictureSizes.ALL.size() : "",
                model.isC50() ? "image_size=" + size : "",
                model.isC50() ? "image_quality=" + camera.settings().chart().quality() : "");
    }

    private String systemInfo(int sessions) {
        return lines(
                "version=" + model.protocolVersion(),
                "connection_time_limit=0",
                "number_of_active_clients=" + sessions,
                "total_number_of_clients=" + camera.settings().video().maxClients(),
                "camera_control_schedule=" + camera.settings().control().right(),
                "start_time=" + startTime,
                "wvhttp_server_status=All services are available");
    }

    private String videoInfo() {
        ChartSettings chart = camera.settings().chart();
        return lines(
                "image_width=" + chart.size().width(),
                "image_height=" + chart.size().height(),
                "compression_type=JPEG",
                "image_quality=" + chart.quality(),
                "video_input=NTSC",
                "frame_rate=" + Math.round(chart.fps() * 1000));
    }

    private String cameraInfo() {
        Position now = control.head().position();
        byte[] focus = control.remembered(FOCUS_MODE);
        return lines(
                "camera_type=Canon " + model.title(),
                "camera_id=1",
                "camera_status=" + (control.arbiter().isHeld() ? "controlled" : "available"),
                "pan_current_value=" + Position.hundredths(now.panDegrees()),
                "tilt_current_value=" + Position.hundredths(now.tiltDegrees()),
                "zoom_current_value=" + Position.hundredths(now.zoomDegrees()),
                "back_light=OFF",
                ends("pan_left", "pan_right", model.pan()),
                ends("tilt_down", "tilt_up", model.tilt()),
                ends("zoom_tele", "zoom_wide", model.zoom()),
                "focus_mode=" + FOCUS_MODES.get(focus.length == 0 ? 0 : focus[0] & 3));
    }

    /** The mechanical ends, and the limits allowed, which are the same here. */
    private static String ends(String min, String max, Range range) {
        int low = Position.hundredths(range.min());
        int high = Position.hundredths(range.max());
        return min + "_end=" + low + "\n" + max + "_end=" + high + "\n" + min + "_limit=" + low + "\n" + max + "_limit="
                + high;
    }

    /** Two, and a gap between their numbers, as a real list may have. */
    private String presetList() {
        int wide = Position.hundredths(model.zoom().max());
        int left = Position.hundredths(model.pan().min() / 2);
        return lines(
                "number_of_camera_positions=2",
                "position_1=Front",
                "camera_id=1",
                "pan=0",
                "tilt=0",
                "zoom=" + wide,
                "back_light=OFF",
                "position_3=Left",
                "camera_id=1",
                "pan=" + left,
                "tilt=0",
                "zoom=" + wide / 2,
                "back_light=OFF");
    }

    private String speedInfo() {
        Head head = control.head();
        return lines(
                "pan_speed=" + Position.hundredths(head.panSpeed()),
                "tilt_speed=" + Position.hundredths(head.tiltSpeed()),
                "zoom_speed=" + head.zoomStep(),
                "point_p_max=" + Position.hundredths(Head.MAX_PAN_SPEED),
                "point_t_max=" + Position.hundredths(Head.MAX_TILT_SPEED),
                "point_z_max=" + Head.MAX_ZOOM_STEP);
    }

    /** Each with its line end; empty ones are left out. */
    private static String lines(String... lines) {
        StringBuilder body = new StringBuilder();
        for (String line : lines) {
            if (!line.isEmpty()) {
                body.append(line).append('\n');
            }
        }
        return body.toString();
    }
}
