package io.vbrelay.cli;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.cli.config.CameraArgument;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which camera is spoken to, and what is asked of it; {@code probe} and {@code capture} share them. */
final class ClientOptions {
    @Parameters(
            paramLabel = "CAMERA",
            description = "Its address, such as vbc10://user:password@192.0.2.10, replay:FILE or test:320x240.")
    private String camera = "";

    @Option(
            names = "--fps",
            paramLabel = "N",
            defaultValue = "6",
            description = "Pictures a second asked of the camera (default: ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            description = "Picture size asked of the camera (default: the camera's own).")
    private @Nullable PictureSize size;

    @Mixin
    private CameraOptions cameraOptions = new CameraOptions();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec = CommandSpec.create();

    /** What the camera is asked for. */
    CameraSettings settings() throws IOException {
        return Main.checked(spec, () -> cameraOptions.settings(fps, size));
    }

    /** The cameras that the command makes for itself. */
    LocalCameras newLocalCameras() throws IOException {
        return new LocalCameras(Main.checked(spec, cameraOptions::dialects));
    }

    /** Where the camera is; starts it when it is one of our own. */
    CameraAddress open(LocalCameras local) throws IOException {
        Dialects dialects = local.dialects();
        CameraArgument argument =
                Main.checked(spec, "positional parameter 'CAMERA'", () -> CameraArgument.parse(camera, dialects));
        return Main.checked(spec, () -> local.open("", argument, fps));
    }
}
