package io.vbrelay.cli.config;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One camera's address as the command line takes it: a camera somewhere, or one that this process makes for itself. */
public sealed interface CameraArgument {
    /** A pattern of how all of them begin. */
    String START = "(?:\\p{Alnum}+://|test:|replay:)";

    /** A camera on the network. */
    record Remote(CameraAddress address) implements CameraArgument {}

    /**
     * {@code replay:FILE[?loop=true]}.
     *
     * @param loop whether the session begins anew at its end
     */
    record Captured(Path file, boolean loop) implements CameraArgument {}

    /**
     * {@code test:[320x240]}.
     *
     * @param size one of the simulated camera's; null leaves the chart's own
     */
    record Chart(@Nullable PictureSize size) implements CameraArgument {
        public Chart {
            settings(size); // Throws if there is no such chart.
        }

        /** What is drawn. */
        public ChartSettings settings() {
            return settings(size);
        }

        private static ChartSettings settings(@Nullable PictureSize size) {
            return size == null ? ChartSettings.DEFAULTS : ChartSettings.DEFAULTS.withSize(size);
        }
    }

    /**
     * Reads what {@link CameraAddress} documents, and the two forms above.
     *
     * @throws IllegalArgumentException in one line, without a password
     */
    static CameraArgument parse(String uri, Dialects dialects) {
        if (uri.startsWith("replay:")) {
            return captured(uri.substring("replay:".length()));
        }
        if (uri.startsWith("test:")) {
            String size = uri.substring("test:".length());
            return new Chart(size.isEmpty() ? null : PictureSize.parse(size));
        }
        return new Remote(CameraAddress.parse(uri, dialects));
    }

    private static Captured captured(String text) {
        int queryStart = text.lastIndexOf('?');
        String file = queryStart < 0 ? text : text.substring(0, queryStart);
        String query = queryStart < 0 ? "loop=false" : text.substring(queryStart + 1);
        if (file.isEmpty() || !query.matches("loop=(true|false)")) {
            throw new IllegalArgumentException(
                    "replay: expected replay:FILE or replay:FILE?loop=true, got '" + text + "'");
        }
        try {
            String decoded = URLDecoder.decode(file.replace("+", "%2B"), StandardCharsets.UTF_8);
            return new Captured(Path.of(decoded), query.endsWith("true"));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "replay: expected a file's name, with %25 for each % of it, got '" + file + "'", e);
        }
    }
}
