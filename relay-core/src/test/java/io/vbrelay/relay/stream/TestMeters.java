package io.vbrelay.relay.stream;

import io.micrometer.core.instrument.MeterRegistry;

/** What a broadcast in a test counts, by short names. */
public final class TestMeters {
    private TestMeters() {}

    public static StreamMeters of(MeterRegistry registry) {
        return new StreamMeters(
                registry.counter("sent"),
                registry.counter("lag"),
                registry.counter("stall"),
                registry.counter("overload"),
                registry.counter("loop"),
                registry.timer("latency"),
                registry.summary("viewerLag"));
    }
}
