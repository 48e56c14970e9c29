package io.vbrelay.cli;

import io.vbrelay.simulator.Fault;
import java.util.Arrays;
import java.util.Iterator;

/** The faults as {@code --fault} takes them, for help and shell completion. */
final class FaultNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Fault.values()).map(Fault::toString).iterator();
    }
}
