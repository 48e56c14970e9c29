package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vbrelay.camera.JpegFrame;
import io.vbrelay.relay.source.CameraSource;
import io.vbrelay.relay.stream.Broadcast;
import io.vbrelay.relay.stream.StreamMeters;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Answers {@code /stat.html}, as ffserver's users know it: how everything is, for browsers without scripts. */
final class StatPage {
    private static final String POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>vbrelay: status</title>
            <link rel="icon" href="/page/icon.svg" type="image/svg+xml">
            <link rel="stylesheet" href="/page/style.css">
            </head>
            <body>
            <header class="bar"><a class="brand" href="/">vbrelay</a></header>
            <main>
            <div class="heading"><h1>Status</h1><p>%s</p></div>
            <div data-role="cameras">
            %s</div>
            </main>
            </body>
            </html>
            """;

    private static final String CAMERA = """
            <section class="card fares" data-state="%1$s">
            <h2><a href="/cameras/%2$s">%2$s</a> <span class="state">%3$s</span></h2>
            <table>
            <thead><tr>%4$s</tr></thead>
            <tbody>
            %5$s</tbody>
            </table>
            </section>
            """;

    private static final List<String> COLUMNS = List.of(
            "Stream",
            "Profile",
            "Codec",
            "Viewers",
            "Since the start",
            "kbit/s",
            "MB sent",
            "Latency, ms",
            "Longest lately, ms",
            "Skips",
            "Closed");

    private final long startNs = System.nanoTime();

    void answer(ChannelHandlerContext ctx, HttpRequest request, List<ServedCamera> cameras, Client client) {
        String refusal = LocalOnly.refusal(request, client, "the status is for this machine only");
        if (refusal != null) {
            Answer.problem(ctx, request, HttpResponseStatus.FORBIDDEN, refusal);
            return;
        }
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, "text/html; charset=utf-8")
                .set(CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, POLICY);
        Answer.body(ctx, request, HttpResponseStatus.OK, Answer.utf8(html(cameras)), headers);
    }

    private String html(List<ServedCamera> cameras) {
        return PAGE.formatted(
                escaped(sum(cameras)), cameras.stream().map(StatPage::html).collect(Collectors.joining()));
    }

    private String sum(List<ServedCamera> cameras) {
        int viewers = cameras.stream().mapToInt(ServedCamera::viewers).sum();
        long bitsPerSecond = cameras.stream()
                .flatMap(camera -> camera.streams().stream())
                .mapToLong(stream -> stream.broadcast().viewerCount() * stream.bitsPerSecond())
                .sum();
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return viewers(viewers) + ", " + decimal(bitsPerSecond / 1e6) + " Mbit/s; running for " + duration(seconds);
    }

    private static String html(ServedCamera camera) {
        String heads = COLUMNS.stream()
                .map(column -> "<th scope=\"col\">" + escaped(column) + "</th>")
                .collect(Collectors.joining());
        String rows = camera.streams().stream().map(StatPage::row).collect(Collectors.joining());
        String state = camera.source().state().label();
        return CAMERA.formatted(escaped(state), escaped(camera.name()), escaped(state + describe(camera)), heads, rows);
    }

    /** What follows the state in words. */
    private static String describe(ServedCamera camera) {
        CameraSource source = camera.source();
        List<String> parts = new ArrayList<>(List.of(" for " + duration(source.stateSeconds())));
        JpegFrame newest = source.newestFrame();
        if (newest != null) {
            parts.add(newest.size().toString());
            parts.add("last frame " + duration(source.newestAgeSeconds()) + " ago");
            newest.release();
        }
        if (!Double.isNaN(source.fps())) {
            parts.add(decimal(source.fps()) + " frames a second");
        }
        parts.add(viewers(camera.viewers()));
        parts.add("connections to it since the start: "
                + count(source.meters().connections().count()));
        return String.join(", ", parts);
    }

    private static String viewers(int count) {
        return count == 1 ? "1 viewer" : count + " viewers";
    }

    private static String row(ServedStream stream) {
        Broadcast broadcast = stream.broadcast();
        StreamMeters meters = broadcast.meters();
        double skips = meters.lagSkips().count()
                + meters.overloadSkips().count()
                + meters.loopSkips().count();
        List<String> cells = List.of(
                stream.path(),
                stream.profile(),
                stream.codec(),
                Integer.toString(broadcast.viewerCount()),
                Long.toString(broadcast.viewersSinceStart()),
                broadcast.viewerCount() == 0 ? "0" : decimal(stream.bitsPerSecond() / 1e3),
                decimal(meters.sentBytes().count() / 1e6),
                decimal(meters.frameLatency().mean(TimeUnit.MILLISECONDS)),
                decimal(meters.frameLatency().max(TimeUnit.MILLISECONDS)),
                count(skips),
                count(meters.stallCloses().count()));
        StringBuilder row = new StringBuilder("<tr>");
        for (int i = 0; i < cells.size(); i++) {
            String cell = i == 0 ? "<th scope=\"row\">%2$s</th>" : "<td data-column=\"%1$s\">%2$s</td>";
            row.append(cell.formatted(escaped(COLUMNS.get(i)), escaped(cells.get(i))));
        }
        return row.append("</tr>\n").toString();
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private static String count(double counter) {
        return String.format(Locale.ROOT, "%.0f", counter);
    }

    /** {@code 0.3 s}, {@code 12 s}, {@code 1 h 2 min}, {@code 3 d 4 h}. */
    static String duration(double seconds) {
        Duration whole = Duration.ofSeconds((long) seconds);
        if (seconds < 10) {
            return decimal(seconds) + " s";
        } else if (whole.toMinutes() == 0) {
            return whole.toSeconds() + " s";
        } else if (whole.toHours() == 0) {
            return whole.toMinutes() + " min " + whole.toSecondsPart() + " s";
        } else if (whole.toDays() == 0) {
            return whole.toHours() + " h " + whole.toMinutesPart() + " min";
        }
        return whole.toDays() + " d " + whole.toHoursPart() + " h";
    }

    /** As text between tags or in a quoted attribute. */
    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
