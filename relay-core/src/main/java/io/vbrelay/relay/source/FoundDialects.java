package io.vbrelay.relay.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vbrelay.camera.CameraAddress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What {@code dialect=auto} has found out, kept across restarts in {@value #FILE}: from a camera's address, without its
 * password, to the protocol that gave pictures.
 *
 * <p>It only saves time: a file that cannot be read or written costs a warning.
 *
 * <p><b>Threads.</b> Any. The file is written on a thread of the common pool, never on the caller's.
 */
public final class FoundDialects implements AutoCloseable {
    static final String FILE = "found-dialects.json";

    private static final int CLOSE_SECONDS = 1;
    private static final TypeReference<Map<String, String>> CONTENT = new TypeReference<>() {};
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Logger log = LoggerFactory.getLogger(FoundDialects.class);

    private final @Nullable Path directory;

    @GuardedBy("this")
    private final Map<String, String> protocols = new TreeMap<>();

    @GuardedBy("this")
    private CompletableFuture<Void> written = CompletableFuture.completedFuture(null);

    /** Whether a write is planned that has not looked at the protocols yet: one is enough. */
    @GuardedBy("this")
    private boolean planned;

    @GuardedBy("this")
    private boolean failed;

    /** Reads the file, if there is one; with no directory all is forgotten with the process. */
    public FoundDialects(@Nullable Path directory) {
        this.directory = directory;
        if (directory != null) {
            protocols.putAll(read(directory.resolve(FILE)));
        }
    }

    /** Waits a moment for what is being written. */
    @Override
    public void close() {
        CompletableFuture<Void> last;
        synchronized (this) {
            last = written;
        }
        last.completeOnTimeout(null, CLOSE_SECONDS, TimeUnit.SECONDS).join();
    }

    synchronized Optional<String> of(CameraAddress source) {
        return Optional.ofNullable(protocols.get(source.toString()));
    }

    synchronized void put(CameraAddress source, String protocol) {
        if (!protocol.equals(protocols.put(source.toString(), protocol))) {
            planToWrite();
        }
    }

    /** What was found there may have been so because of a wrong password, which is not part of what is remembered. */
    public synchronized void forget(CameraAddress source) {
        if (protocols.remove(source.toString()) != null) {
            planToWrite();
        }
    }

    @GuardedBy("this")
    private void planToWrite() {
        if (directory != null && !planned) {
            planned = true;
            written = written.thenRunAsync(() -> write(directory));
        }
    }

    private static Map<String, String> read(Path file) {
        try {
            Map<String, String> content = JSON.readValue(Files.readAllBytes(file), CONTENT);
            return content == null ? Map.of() : content;
        } catch (NoSuchFileException e) {
            return Map.of();
        } catch (JsonProcessingException e) {
            log.warn("{} is not understood and will be written anew: {}", file, e.getOriginalMessage());
        } catch (IOException e) {
            log.warn("{} cannot be read, so dialects are searched for anew: {}", file, e.toString());
        }
        return Map.of();
    }

    private void write(Path folder) {
        Map<String, String> content;
        synchronized (this) {
            planned = false;
            content = new TreeMap<>(protocols);
        }
        @Nullable IOException failure = null;
        try {
            replace(folder, JSON.writeValueAsBytes(content));
        } catch (IOException e) {
            failure = e;
        }
        boolean told;
        synchronized (this) {
            told = failed;
            failed = failure != null;
        }
        if (failure != null && !told) {
            log.warn(
                    "{} cannot be written, so dialects will be searched for after a restart: {}",
                    folder.resolve(FILE),
                    failure.getMessage());
        }
    }

    /** Either the old content or the new is there whenever the machine stops. */
    private static void replace(Path folder, byte[] content) throws IOException {
        if (!Files.isDirectory(
                folder)) { // Before JDK 20, createDirectories fails for a link, which is what systemd makes.
            Files.createDirectories(folder);
        }
        Path unfinished = folder.resolve(FILE + ".tmp");
        try (FileChannel out = FileChannel.open(
                unfinished,
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(
                unfinished, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
