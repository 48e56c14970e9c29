package io.vbrelay.simulator;

import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The rules in force, and what they have struck.
 *
 * <p><b>Threads.</b> The event loop; {@link #struck} is for any thread.
 */
final class Faults {
    private final long seed;
    private final AtomicLong struck = new AtomicLong();
    private final Map<Fault.Place, Long> counts = new EnumMap<>(Fault.Place.class);
    private List<FaultRule> rules = List.of();
    private Random chance = new Random();
    private long sinceNs;

    Faults(List<FaultRule> rules, long seed) {
        this.seed = seed;
        inject(rules);
    }

    /** Puts these rules in the place of all others; every count, and chance, begins anew. */
    void inject(List<FaultRule> injected) {
        rules = List.copyOf(injected);
        counts.clear();
        chance = new Random(seed);
        sinceNs = System.nanoTime();
    }

    List<FaultRule> rules() {
        return rules;
    }

    long struck() {
        return struck.get();
    }

    /** Whether replies are struck just now. */
    boolean isInForce(Fault fault) {
        return rules.stream().anyMatch(rule -> rule.fault() == fault && rule.isOpen(age()));
    }

    /** What goes wrong with the next thing at this place, which is at the others too; each place counts for itself. */
    Set<Fault> strike(Fault.Place... places) {
        Set<Fault> now = EnumSet.noneOf(Fault.class);
        for (Fault.Place place : places) {
            long number = counts.merge(place, 1L, Long::sum);
            for (FaultRule rule : rules) {
                if (rule.fault().place() == place && rule.strikes(number, age(), chance)) {
                    now.add(rule.fault());
                }
            }
        }
        struck.addAndGet(now.size());
        return now;
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - sinceNs);
    }
}
