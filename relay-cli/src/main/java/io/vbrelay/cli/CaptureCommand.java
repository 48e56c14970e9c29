package io.vbrelay.cli;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.CameraSettings;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionRecorder;
import io.vbrelay.relay.http.Transport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Records what a camera and the relay's client say to each other. */
@Command(
        name = "capture",
        description = "Records a session with a camera, both directions, passwords masked; replay:FILE plays it.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CaptureCommand implements Callable<Integer> {
    @Mixin
    private ClientOptions client = new ClientOptions();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            required = true,
            description = "Where the session goes; a file that is there is not overwritten.")
    private Path file = Path.of("");

    @Option(names = "--seconds", paramLabel = "N", description = "How long (default: until Ctrl-C).")
    private @Nullable Seconds seconds;

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
            if (Files.exists(file)) {
                throw exists();
            }
            capture(loops.next(), client.open(local), settings);
            return CommandLine.ExitCode.OK;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private void capture(EventLoop loop, CameraAddress camera, CameraSettings settings)
            throws IOException, InterruptedException {
        CameraAddress address = spokenTo(loop, camera, settings);
        byte[] credentials = address instanceof NativeAddress spoken ? spoken.sentCredentials() : new byte[0];
        SessionRecorder recorder =
                new SessionRecorder(file, CapturedAddress.of(address, settings), credentials, Direction.FROM_CAMERA);
        await(recorder.opened());
        CompletableFuture<Void> stop = new CompletableFuture<>();
        StopAtShutdown shutdown = new StopAtShutdown(() -> stop.complete(null));
        try {
            record(loop, address, settings, recorder, stop);
        } finally {
            shutdown.ended();
        }
    }

    /** The dialect is found out first, in sessions that are not recorded; if none fits, the likeliest one is recorded. */
    private CameraAddress spokenTo(EventLoop loop, CameraAddress camera, CameraSettings settings)
            throws InterruptedException {
        List<CameraAddress> candidates = camera.candidates();
        if (candidates.size() == 1) {
            return candidates.get(0);
        }
        DialectSearch search = new DialectSearch(loop, settings);
        ClientSession found = search.search(camera);
        CameraAddress address = found == null ? candidates.get(0) : found.address();
        if (found != null) {
            found.close();
            DialectSearch.pause();
        }
        tell("speaks " + address.protocol() + " with " + address
                + (found == null ? ", though it sent no pictures" : ""));
        return address;
    }

    private void record(
            EventLoop loop,
            CameraAddress address,
            CameraSettings settings,
            SessionRecorder recorder,
            CompletableFuture<Void> stop)
            throws IOException, InterruptedException {
        ClientSession session = new ClientSession(loop, address, settings, recorder::tap);
        CompletableFuture<?> end = CompletableFuture.anyOf(session.closed(), stop, recorder.done());
        try {
            if (seconds == null) {
                end.get();
            } else {
                end.get(seconds.duration().toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (TimeoutException | ExecutionException e) {
            // The time is over; or the recorder has failed, which is told below.
        }
        boolean endedByItself = session.closed().isDone();
        session.close();
        loop.submit(recorder::close).sync();
        long sizeBytes = await(recorder.done());
        if (sizeBytes == 0) {
            Files.delete(file);
            throw new IOException((endedByItself ? session.cause().getMessage() + "; " : "")
                    + "nothing was said, and no file is kept");
        }
        String recorded = file + " has " + sizeBytes + " bytes of the session, " + session.pictures() + " pictures";
        if (endedByItself) {
            throw new IOException(session.cause().getMessage() + "; " + recorded);
        }
        tell(recorded);
    }

    private void tell(String what) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("vbrelay capture: " + what);
        out.flush();
    }

    private <T> T await(CompletableFuture<T> recorded) throws IOException, InterruptedException {
        try {
            return recorded.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof FileAlreadyExistsException) {
                throw exists();
            }
            throw new IOException("cannot write '" + file + "': " + e.getCause(), e);
        }
    }

    private IOException exists() {
        return new IOException(
                "'" + file + "' is there already, and no session is overwritten; choose another -o FILE");
    }
}
