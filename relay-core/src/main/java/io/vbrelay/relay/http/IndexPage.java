package io.vbrelay.relay.http;

import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The page at {@code /}: every camera's moving picture, and the addresses to copy into players. */
final class IndexPage {
    /** Nothing is loaded from elsewhere, and nothing runs. */
    static final String POLICY =
            "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'";

    private static final String PAGE = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>vbrelay</title>
            <style>
            :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
            body { margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
            main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%%, 30rem), 40rem)); gap: 2rem }
            img, video { background: #20242a; width: 100%%; display: block; border-radius: .4rem }
            nav a { margin-right: 1rem }
            </style>
            </head>
            <body>
            <h1>vbrelay</h1>
            <main>
            %s</main>
            </body>
            </html>
            """;

    private static final String CAMERA = """
            <section>
            <h2>%1$s</h2>
            %2$s
            <nav aria-label="Addresses of %1$s">%3$s</nav>
            </section>
            """;

    private IndexPage() {}

    /** Names are letters, digits, '-' and '_' only, so nothing needs escaping. */
    static String html(List<ServedCamera> cameras) {
        return PAGE.formatted(cameras.stream()
                .map(camera -> CAMERA.formatted(camera.name(), picture(camera), links(camera)))
                .collect(Collectors.joining()));
    }

    private static String picture(ServedCamera camera) {
        if (streams(camera).containsKey(Format.MJPEG)) {
            return "<img src=\"%s\" alt=\"Live picture of %s\">".formatted(path(camera, Format.MJPEG), camera.name());
        }
        for (Format format : List.of(Format.WEBM, Format.MP4)) {
            if (streams(camera).containsKey(format)) {
                return "<video src=\"%s\" autoplay muted playsinline></video>".formatted(path(camera, format));
            }
        }
        return "<p>None of this server's outputs plays in a page without help; open an address below in a player.</p>";
    }

    private static String links(ServedCamera camera) {
        String streams = streams(camera).keySet().stream()
                .sorted(Comparator.naturalOrder())
                .map(format -> link(camera, format))
                .collect(Collectors.joining("\n"));
        return camera.snapshots() ? streams + "\n" + link(camera, Format.JPEG) : streams;
    }

    /** Of the first profile; who wants another names it. */
    private static Map<Format, ServedStream> streams(ServedCamera camera) {
        return camera.profiles().getOrDefault(Profile.DEFAULT_NAME, Map.of());
    }

    private static String link(ServedCamera camera, Format format) {
        return "<a href=\"%1$s\">%1$s</a>".formatted(path(camera, format));
    }

    private static String path(ServedCamera camera, Format format) {
        return "/live/" + camera.name() + "." + format.extension();
    }
}
