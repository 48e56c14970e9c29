package io.vbrelay.relay.source;

import io.micrometer.core.instrument.Counter;
import io.vbrelay.camera.CameraException.Kind;
import io.vbrelay.camera.DropReason;
import io.vbrelay.camera.Repair;
import java.util.Map;
import java.util.Objects;

/**
 * What a source counts.
 *
 * @param connections sessions in which the camera answered with a picture
 * @param reconnects sessions that ended and are tried again
 * @param ends sessions that ended, a counter for each cause
 * @param frames pictures received
 * @param bytes of those pictures
 * @param repaired pictures mended, a counter for each way
 * @param dropped pictures given up, a counter for each reason
 */
public record SourceMeters(
        Counter connections,
        Counter reconnects,
        Map<Kind, Counter> ends,
        Counter frames,
        Counter bytes,
        Map<Repair, Counter> repaired,
        Map<DropReason, Counter> dropped) {

    void countEnd(Kind cause) {
        Objects.requireNonNull(ends.get(cause)).increment();
    }

    void countRepair(Repair repair) {
        Objects.requireNonNull(repaired.get(repair)).increment();
    }

    void countDrop(DropReason reason) {
        Objects.requireNonNull(dropped.get(reason)).increment();
    }
}
