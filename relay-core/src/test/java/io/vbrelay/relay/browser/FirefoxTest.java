package io.vbrelay.relay.browser;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;

/** The camera's page in Firefox. */
class FirefoxTest extends CameraPageCases {
    @Override
    Browser start(Path profile) throws Exception {
        assumeTrue(Firefox.isInstalled(), Firefox.PROGRAM + " is not installed");
        return new Firefox(profile);
    }

    @Override
    List<String> formats() {
        return List.of(
                "webm", "mp4", "flv", "mjpeg"); // H.264 by Debian's libavcodec, which comes with the ffmpeg of ./check.
    }
}
