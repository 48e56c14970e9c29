package io.vbrelay.simulator;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What no camera has: tests and people tell the simulator what to do. docs/simulator.md lists it.
 *
 * <p><b>Threads.</b> The event loop.
 */
final class SimulatorApi {
    private final SimulatedCamera camera;

    SimulatorApi(SimulatedCamera camera) {
        this.camera = camera;
    }

    HttpAnswer answer(HttpRequest request, String name) {
        try {
            return switch (request.method() + " " + name) {
                case "GET counts" -> HttpAnswer.json(counts());
                case "GET position" -> HttpAnswer.json(position());
                case "POST position" -> {
                    camera.control().head().jump(target(request));
                    yield HttpAnswer.json(position());
                }
                case "GET faults" -> HttpAnswer.plain(200, rules());
                case "POST faults" -> {
                    camera.faults().inject(rules(request.body()));
                    yield HttpAnswer.plain(200, rules());
                }
                case "DELETE faults" -> {
                    camera.faults().inject(List.of());
                    yield HttpAnswer.plain(200, rules());
                }
                case "POST silence" -> {
                    camera.silence();
                    yield HttpAnswer.plain(200, "silent\n");
                }
                case "POST resume" -> {
                    camera.resume();
                    yield HttpAnswer.plain(200, "resumed\n");
                }
                case "POST revoke" -> {
                    camera.control().arbiter().revoke();
                    yield HttpAnswer.plain(200, "nobody's\n");
                }
                default ->
                    HttpAnswer.plain(
                            404,
                            "expected GET counts, GET or POST position, GET, POST or DELETE faults,"
                                    + " POST silence, POST resume or POST revoke, got " + request.method() + " " + name
                                    + "\n");
            };
        } catch (IllegalArgumentException e) {
            return HttpAnswer.plain(400, e.getMessage() + "\n");
        }
    }

    private String counts() {
        SimulatorCounts counts = camera.counts();
        return String.format(
                Locale.ROOT,
                "{\"accepted\":%d,\"refused\":%d,\"open\":%d,\"requests\":%d,\"frames\":%d,\"faults\":%d,"
                        + "\"datagrams\":%d,\"httpRequests\":%d}\n",
                counts.accepted(),
                counts.refused(),
                counts.open(),
                counts.requests(),
                counts.frames(),
                counts.faults(),
                counts.datagrams(),
                counts.httpRequests());
    }

    private String position() {
        Position now = camera.position();
        return String.format(
                Locale.ROOT,
                "{\"pan\":%.2f,\"tilt\":%.2f,\"zoom\":%.2f,\"controlHeld\":%b}\n",
                now.panDegrees(),
                now.tiltDegrees(),
                now.zoomDegrees(),
                camera.control().arbiter().isHeld());
    }

    private Position target(HttpRequest request) {
        Position now = camera.position();
        return new Position(
                degrees(request.parameter("pan"), now.panDegrees()),
                degrees(request.parameter("tilt"), now.tiltDegrees()),
                degrees(request.parameter("zoom"), now.zoomDegrees()));
    }

    private static double degrees(@Nullable String text, double otherwise) {
        if (text != null && !text.matches("[+-]?\\d{1,3}(\\.\\d{1,4})?")) {
            throw new IllegalArgumentException("position: expected degrees, got '" + text + "'");
        }
        return text == null ? otherwise : Double.parseDouble(text);
    }

    /** One rule a line. */
    private String rules() {
        return camera.faults().rules().stream().map(rule -> rule + "\n").collect(Collectors.joining());
    }

    private static List<FaultRule> rules(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .map(FaultRule::parse)
                .toList();
    }
}
