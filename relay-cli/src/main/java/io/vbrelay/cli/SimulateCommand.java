package io.vbrelay.cli;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.simulator.ChartSettings;
import io.vbrelay.simulator.FaultRule;
import io.vbrelay.simulator.JpegShape;
import io.vbrelay.simulator.SimulatedCamera;
import io.vbrelay.simulator.SimulatorSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A camera that needs no hardware, for a relay or any other client of the native video port. */
@Command(
        name = "simulate",
        description = "Simulates a camera on the native video port.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SimulateCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen on (default: ${DEFAULT-VALUE}, this machine only).")
    private String host = "127.0.0.1";

    @Option(
            names = "--video-port",
            paramLabel = "PORT",
            defaultValue = "65310",
            description = "Native video port; 0 takes any free one (default: ${DEFAULT-VALUE}).")
    private int videoPort;

    @Option(
            names = "--size",
            paramLabel = "WxH",
            defaultValue = "640x480",
            description = "Picture size until a client asks for another (default: ${DEFAULT-VALUE}).")
    private PictureSize size = ChartSettings.DEFAULTS.size();

    @Option(
            names = "--fps",
            paramLabel = "N",
            defaultValue = "15",
            description = "Most pictures a second that a client gets (default: ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--quality",
            paramLabel = "1-100",
            defaultValue = "75",
            description = "Quality of the JPEG files (default: ${DEFAULT-VALUE}).")
    private int quality;

    @Option(
            names = "--noise",
            paramLabel = "0-1",
            defaultValue = "0",
            description = "How noisy a part of the chart is (default: ${DEFAULT-VALUE}).")
    private double noise;

    @Option(
            names = "--jpeg-shape",
            paramLabel = "SHAPE",
            defaultValue = "canon",
            description = "canon, jfif, bare or no-dht (default: ${DEFAULT-VALUE}).")
    private JpegShape jpegShape = JpegShape.CANON;

    @Option(
            names = "--fault",
            paramLabel = "FAULT",
            description =
                    "What goes wrong, and when: NAME for every picture, NAME@30 for the 30th, NAME/30 for every 30th; repeatable."
                            + " Names: ${COMPLETION-CANDIDATES}.",
            completionCandidates = FaultNames.class)
    private List<FaultRule> faults = new ArrayList<>();

    @Option(names = "--replay", paramLabel = "FILE", description = "Serve this captured session instead of the chart.")
    private @Nullable Path replay;

    @Option(
            names = "--record",
            paramLabel = "FOLDER",
            description = "Record each session that is served, to a file in this folder.")
    private @Nullable Path record;

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        SimulatedCamera camera = SimulatedCamera.start(settings());
        PrintWriter out = spec.commandLine().getOut();
        out.println("vbrelay simulate: vbc10://" + host + ":" + camera.address().getPort());
        out.flush();
        Daemon.serve(camera);
        return CommandLine.ExitCode.OK;
    }

    private SimulatorSettings settings() {
        try {
            ChartSettings chart =
                    new ChartSettings(ChartSettings.DEFAULTS.model(), size, fps, quality, jpegShape, noise);
            return SimulatorSettings.DEFAULTS
                    .withHost(host)
                    .withPort(videoPort)
                    .withChart(chart)
                    .withFaults(faults)
                    .withRecordTo(record)
                    .withReplay(replay);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
