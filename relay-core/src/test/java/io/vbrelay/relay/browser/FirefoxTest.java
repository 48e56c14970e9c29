package io.vbrelay.relay.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;

class FirefoxTest extends CameraPageCases {
    @Override
    Browser start(Path profile) throws Exception {
        assumeTrue(Firefox.isInstalled(), Firefox.PROGRAM + " is not installed");
        return new Firefox(profile);
    }

    @Override
    List<String> formats() {
        return List.of("webm", "mp4", "flv", "mjpeg");
    }
}
