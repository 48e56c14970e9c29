package io.vbrelay.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.channel.EventLoopGroup;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.relay.http.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Connects to a camera as the relay would, and tells what it met. */
@Command(
        name = "probe",
        description = "Tells whether a camera sends pictures, how it is spoken to, and what to try if it does not.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ProbeCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How long pictures are counted, once they come (default: ${DEFAULT-VALUE}).")
    private Seconds seconds = Seconds.parse("5");

    @Option(names = "--json", description = "Print one JSON object instead of text.")
    private boolean json;

    @Mixin
    private LogOptions logOptions = new LogOptions();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        logOptions.apply();
        CameraSettings settings = client.settings();
        EventLoopGroup loops = Transport.best().newGroup(1, "camera");
        try (LocalCameras local = client.newLocalCameras()) {
            ProbeReport report = probe(client.open(local), settings, loops);
            print(report);
            return report.ok() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private ProbeReport probe(CameraAddress camera, CameraSettings settings, EventLoopGroup loops)
            throws InterruptedException {
        DialectSearch search = new DialectSearch(loops.next(), settings);
        @Nullable ClientSession session = search.search(camera);
        if (session == null) {
            return ProbeReport.of(camera, search.failures());
        }
        try (session) {
            session.closed()
                    .completeOnTimeout(null, seconds.duration().toNanos(), TimeUnit.NANOSECONDS)
                    .join();
        }
        return ProbeReport.of(camera, settings, session, search.failures());
    }

    private void print(ProbeReport report) throws JsonProcessingException {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(new JsonMapper().writeValueAsString(report));
        } else {
            report.print(out);
        }
        out.flush();
    }
}
