package io.vbrelay.relay.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmInfoMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is measured of the process and of Java, by the names that Micrometer's users know. Costs nothing until somebody asks, but for a
 * few counters after each garbage collection.
 */
public final class ProcessMeters implements AutoCloseable {
    /** What {@code ps} shows. Java knows of the heap, and of neither FFmpeg's memory nor the network buffers'. */
    private static final Path STATUS = Path.of("/proc/self/status");

    private static final Pattern RESIDENT = Pattern.compile("^VmRSS:\\s*(\\d+) kB$", Pattern.MULTILINE);

    /** Of Micrometer's, those whose names are none by Prometheus' rules, as {@code promtool check metrics} has them. */
    private static final Set<String> ILL_NAMED = Set.of("process.cpu.time", "system.cpu.count");

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /**
     * To be made before anything else is registered, since it leaves something out.
     *
     * @param version of this program
     * @param ffmpeg the version of the library that is in use
     */
    public ProcessMeters(MeterRegistry registry, String version, String ffmpeg) {
        registry.config().meterFilter(MeterFilter.deny(id -> ILL_NAMED.contains(id.getName())));
        Meters.BUILD_INFO.gauge(registry, () -> 1, "version", version, "ffmpeg", ffmpeg);
        if (ByteBufAllocator.DEFAULT instanceof ByteBufAllocatorMetricProvider allocator) {
            Meters.BUFFERS.gauge(registry, () -> allocator.metric().usedDirectMemory());
        }
        if (Files.isReadable(STATUS)) { // Linux.
            Gauge.builder("process.resident.memory", ProcessMeters::residentBytes)
                    .description("Memory that the process holds, all kinds of it together")
                    .baseUnit("bytes")
                    .register(registry);
        }
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            FunctionCounter.builder("process.cpu", system, ProcessMeters::cpuSeconds)
                    .description("CPU time that the process has taken")
                    .baseUnit("seconds")
                    .register(registry);
        }
        List<MeterBinder> binders = List.of(
                collections,
                new FileDescriptorMetrics(),
                new JvmInfoMetrics(),
                new JvmMemoryMetrics(),
                new JvmThreadMetrics(),
                new ProcessorMetrics(),
                new UptimeMetrics());
        binders.forEach(binder -> binder.bindTo(registry));
    }

    private static double cpuSeconds(OperatingSystemMXBean system) {
        return system.getProcessCpuTime() / 1e9;
    }

    private static double residentBytes() {
        try {
            Matcher resident = RESIDENT.matcher(Files.readString(STATUS));
            return resident.find() ? Double.parseDouble(resident.group(1)) * 1024 : Double.NaN;
        } catch (IOException e) {
            return Double.NaN; // No descriptor left, perhaps.
        }
    }

    /** Listens to the garbage collector no more. */
    @Override
    public void close() {
        collections.close();
    }
}
