package io.vbrelay.relay.stream;

import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** The load of each event loop that has viewers, which all broadcasts share. <b>Threads.</b> Any. */
public final class LoopLoads {
    private final Batch batch;
    private final Map<EventLoop, LoopLoad> loads = new ConcurrentHashMap<>();

    public LoopLoads(Batch batch) {
        this.batch = batch;
    }

    public LoopLoad of(EventLoop loop) {
        LoopLoad load = loads.get(loop); // Without the lock that the next line may take.
        return load != null
                ? load
                : loads.computeIfAbsent(
                        loop, key -> new LoopLoad("viewers-" + (loads.size() + 1), batch, System.nanoTime()));
    }

    /** Share of the busiest loop's time that goes to sending packets, 0 to 1. */
    public double busiest() {
        long nowNs = System.nanoTime();
        return loads.values().stream()
                .mapToDouble(load -> load.busy(nowNs))
                .max()
                .orElse(0);
    }

    /** The longest that any loop kept packets back in the last second, to send several at once. */
    public double heldSeconds() {
        long nowNs = System.nanoTime();
        long heldNs = loads.values().stream()
                .mapToLong(load -> load.heldNs(nowNs))
                .max()
                .orElse(0);
        return (double) heldNs / TimeUnit.SECONDS.toNanos(1);
    }
}
