package io.vbrelay.cli.load;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.PartialFrames;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.Relay;
import io.vbrelay.relay.config.CameraConfig;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.RelayConfig;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.EnumSet;
import java.util.List;

/** A simulated camera and a relay of it in this process. */
public final class WatchedRelay implements AutoCloseable {
    private final SimulatedCamera camera;
    private final Relay relay;

    /** Lets so many viewers in. */
    public WatchedRelay(int maxViewers) throws IOException {
        ChartSettings chart = ChartSettings.DEFAULTS.withSize(new PictureSize(160, 120));
        camera = SimulatedCamera.start(SimulatorSettings.DEFAULTS.withPort(0).withChart(chart));
        CameraConfig config = new CameraConfig(
                "cam",
                List.of(CameraAddress.parse(
                        "vbc10://127.0.0.1:" + camera.address().getPort() + "?dialect=canon-native-guest")),
                Profile.DEFAULT.fps(),
                null,
                CameraSettings.DEFAULT_READ_TIMEOUT,
                PartialFrames.DROP,
                CameraConfig.DEFAULT_HOLD,
                null);
        relay = new Relay(new RelayConfig(
                InetSocketAddress.createUnresolved("127.0.0.1", 0),
                List.of(config),
                List.of(Profile.DEFAULT),
                EnumSet.allOf(Format.class),
                new Limits(
                        maxViewers,
                        maxViewers,
                        maxViewers,
                        Long.MAX_VALUE,
                        Limits.DEFAULT.encoders(),
                        ViewerLimits.DEFAULT,
                        Limits.DEFAULT.batch()),
                List.of(),
                RelayConfig.DEFAULT_HISTORY,
                null));
    }

    public String url(Format format) {
        return "http://127.0.0.1:" + relay.address().getPort() + "/live/cam." + format.extension();
    }

    /** So much of a stream from its start. */
    public byte[] stream(Format format, int bytes) throws IOException, InterruptedException {
        HttpResponse<InputStream> response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(url(format))).build(),
                        HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            return body.readNBytes(bytes);
        }
    }

    @Override
    public void close() {
        relay.close();
        camera.close();
    }
}
