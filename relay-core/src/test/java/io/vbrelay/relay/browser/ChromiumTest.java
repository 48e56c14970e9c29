package io.vbrelay.relay.browser;

import java.nio.file.Path;
import java.util.List;

/** The camera's page in Chromium. */
class ChromiumTest extends CameraPageCases {
    @Override
    Browser start(Path profile) throws Exception {
        return new Chromium(profile);
    }

    @Override
    List<String> formats() {
        return List.of("webm", "mp4", "flv", "mjpeg");
    }
}
