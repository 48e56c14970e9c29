package io.vbrelay.relay.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Everything that is measured, with a sentence each. Tags are {@code camera}, {@code format} and {@code reason}. */
public enum Meters {
    CAMERA_UP("vbrelay.camera.up", "1 while the camera sends pictures, else 0"),
    CAMERA_IDLE("vbrelay.camera.idle", "1 while the camera is not connected to because nobody watches, else 0"),
    CAMERA_CONNECTIONS("vbrelay.camera.connections", "Connections made to the camera"),
    CAMERA_RECONNECTS("vbrelay.camera.reconnects", "Sessions that ended and were followed by another attempt"),
    CAMERA_SESSION_ENDS("vbrelay.camera.session.ends", "Sessions that ended, attempts among them"),
    CAMERA_SOURCE("vbrelay.camera.source", "Which of the camera's sources is in use: 1 is the best, 0 none"),
    CAMERA_FRAMES("vbrelay.camera.frames", "Pictures received"),
    CAMERA_BYTES("vbrelay.camera", "Bytes of the pictures received", "bytes"),
    CAMERA_FRAMES_REPAIRED("vbrelay.camera.frames.repaired", "Pictures that had to be mended"),
    CAMERA_FRAMES_DROPPED("vbrelay.camera.frames.dropped", "Pictures given up before they could be used"),
    CAMERA_LAST_FRAME_AGE("vbrelay.camera.last.frame.age", "Time since the newest picture", "seconds"),
    CAMERA_COMMANDS("vbrelay.camera.commands", "Commands to move or adjust the camera that ended"),
    DECODE("vbrelay.decode", "Time to decode one picture"),
    ENCODE("vbrelay.encode", "Time to encode one picture, muxing included"),
    ENCODER_RESTARTS("vbrelay.encoder.restarts", "Encoders that failed and were opened again"),
    VIEWERS("vbrelay.viewers", "Viewers connected"),
    SENT_BYTES("vbrelay.sent", "Bytes of streams handed to viewers' sockets", "bytes"),
    VIEWER_SKIPS("vbrelay.viewer.skips", "Times a viewer lost packets and went on at a key frame, or was closed"),
    VIEWER_LAG(
            "vbrelay.viewer.lag",
            "Age of the oldest packet waiting for a viewer, less the past that it started with, sampled twice a second",
            "seconds"),
    LOOP_BUSY("vbrelay.viewer.loop.busy", "Share of the busiest event loop's time that goes to sending packets"),
    HANGING("vbrelay.threads.hanging", "Threads that have made no progress for 30 seconds"),
    BATCH("vbrelay.batch", "Longest that packets were kept back in the last second to be sent together", "seconds"),
    REJECTED("vbrelay.rejected", "Viewers refused because a limit was reached"),
    FRAME_LATENCY("vbrelay.frame.latency", "From a complete picture until it was handed to the sockets"),
    ACCESS_LOG_LOST(
            "vbrelay.access.log.lost",
            "Lines of the access log that were lost: too many waited, or their file was taken away"),
    BUFFERS("vbrelay.buffers", "Memory that network buffers hold outside of the heap, free parts included", "bytes"),
    BUILD_INFO("vbrelay.build.info", "Always 1; what is running is in the tags");

    private static final Duration[] LATENCIES = {
        Duration.ofMillis(1), Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofMillis(10),
        Duration.ofMillis(20), Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(200),
        Duration.ofMillis(500), Duration.ofSeconds(1), Duration.ofSeconds(2)
    };
    private static final double[] LAG_SECONDS = {0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};

    private final String meter;
    private final String description;
    private final String unit;

    Meters(String meter, String description) {
        this(meter, description, "");
    }

    Meters(String meter, String description, String unit) {
        this.meter = meter;
        this.description = description;
        this.unit = unit;
    }

    /** Takes away every meter that has all these tags, given as to the methods below: what they measured is gone. */
    public static void forget(MeterRegistry registry, String... tags) {
        List<Tag> all = Tags.of(tags).stream().toList();
        registry.getMeters().stream()
                .filter(meter -> meter.getId().getTags().containsAll(all))
                .forEach(registry::remove);
    }

    public Counter counter(MeterRegistry registry, String... tags) {
        return Counter.builder(meter)
                .description(description)
                .baseUnit(unit.isEmpty() ? null : unit)
                .tags(tags)
                .register(registry);
    }

    /**
     * Shows what something counts itself.
     *
     * @param counting kept by the caller, who no longer measures it else
     */
    public <T> void counter(MeterRegistry registry, T counting, ToDoubleFunction<T> count) {
        FunctionCounter.builder(meter, counting, count).description(description).register(registry);
    }

    public Timer timer(MeterRegistry registry, String... tags) {
        return Timer.builder(meter).description(description).tags(tags).register(registry);
    }

    public Timer latencyHistogram(MeterRegistry registry, String... tags) {
        return Timer.builder(meter)
                .description(description)
                .serviceLevelObjectives(LATENCIES)
                .tags(tags)
                .register(registry);
    }

    public DistributionSummary lagHistogram(MeterRegistry registry, String... tags) {
        return DistributionSummary.builder(meter)
                .description(description)
                .baseUnit(unit)
                .serviceLevelObjectives(LAG_SECONDS)
                .tags(tags)
                .register(registry);
    }

    public void gauge(MeterRegistry registry, Supplier<Number> value, String... tags) {
        Gauge.builder(meter, value)
                .description(description)
                .baseUnit(unit.isEmpty() ? null : unit)
                .tags(tags)
                .register(registry);
    }
}
