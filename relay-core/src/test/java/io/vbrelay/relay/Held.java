package io.vbrelay.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What this process holds, in bytes.
 *
 * @param heap live objects
 * @param direct Netty's direct buffers with what their pools keep
 * @param resident all that it has of the memory
 */
record Held(long heap, long direct, long resident) {
    static final long MIB = 1 << 20;

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s*(\\d+) kB");

    static Held now() throws IOException {
        System.gc();
        System.gc(); // What the first one queued for cleaning is garbage only now.
        String status = Files.readString(Path.of("/proc/self/status"));
        Matcher resident = RESIDENT.matcher(status);
        assertThat(resident.find()).isTrue();
        return new Held(
                ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
                ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
                        .metric()
                        .usedDirectMemory(),
                Long.parseLong(resident.group(1)) * 1024);
    }

    @Override
    public String toString() {
        return "%d MiB of heap, %d direct, %d resident".formatted(heap / MIB, direct / MIB, resident / MIB);
    }

    /** Open sockets of this process. */
    static long sockets() throws IOException {
        long count = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                try {
                    count += Files.readSymbolicLink(descriptor).toString().startsWith("socket:") ? 1 : 0;
                } catch (NoSuchFileException e) {
                    // Closed meanwhile.
                }
            }
        }
        return count;
    }
}
