package io.vbrelay.relay.http;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vbrelay.relay.config.Limits;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Admits viewers against all limits at once, and takes back those who have left. Who is refused by one limit counts for none.
 *
 * <p><b>Threads.</b> Any. The lock is held for arithmetic only; within it that of the encoders' limit is taken.
 */
final class Admission {
    private final Supplier<Limits> current;

    @GuardedBy("this")
    private int viewers;

    @GuardedBy("this")
    private final Map<String, Integer> ofCamera = new HashMap<>();

    @GuardedBy("this")
    private final Map<Long, Integer> ofHousehold = new HashMap<>();

    @GuardedBy("this")
    private final Map<ServedStream, Integer> ofStream = new HashMap<>();

    /** @param current limits, which may be others the next time */
    Admission(Supplier<Limits> current) {
        this.current = current;
    }

    /** Why one more viewer of this stream may not come; if null, it has entered the stream and counts until it leaves here. */
    synchronized @Nullable Limit admit(Client client, ServedStream stream) {
        Limit reached = admit(client, stream.camera());
        if (reached != null) {
            return reached;
        }
        if (neededBitsPerSecond() + stream.bitsPerSecond() > current.get().bitsPerSecond()) {
            reached = Limit.BANDWIDTH;
        } else if (!stream.enter()) {
            reached = Limit.ENCODERS;
        }
        if (reached == null) {
            ofStream.merge(stream, 1, Integer::sum);
        } else {
            leave(client, stream.camera());
        }
        return reached;
    }

    /** The same, for who takes no stream of the camera but waits for a picture of it. */
    synchronized @Nullable Limit admit(Client client, String camera) {
        Limits limits = current.get();
        Long household = client.household();
        if (viewers >= limits.viewers()) {
            return Limit.VIEWERS;
        }
        if (ofCamera.getOrDefault(camera, 0) >= limits.viewersPerCamera()) {
            return Limit.VIEWERS_PER_CAMERA;
        }
        if (household != null && ofHousehold.getOrDefault(household, 0) >= limits.viewersPerAddress()) {
            return Limit.VIEWERS_PER_ADDRESS;
        }
        viewers++;
        ofCamera.merge(camera, 1, Integer::sum);
        if (household != null) {
            ofHousehold.merge(household, 1, Integer::sum);
        }
        return null;
    }

    /** Few streams are watched at a time, however many viewers there are. */
    @GuardedBy("this")
    private long neededBitsPerSecond() {
        long needed = 0;
        for (Map.Entry<ServedStream, Integer> watched : ofStream.entrySet()) {
            needed += watched.getValue() * watched.getKey().bitsPerSecond();
        }
        return needed;
    }

    /** A viewer who was admitted has left the broadcast. */
    synchronized void leave(Client client, ServedStream stream) {
        takeBack(ofStream, stream);
        stream.leave();
        leave(client, stream.camera());
    }

    /** Who was admitted to wait does so no longer. */
    synchronized void leave(Client client, String camera) {
        viewers--;
        takeBack(ofCamera, camera);
        Long household = client.household();
        if (household != null) {
            takeBack(ofHousehold, household);
        }
    }

    private static <K> void takeBack(Map<K, Integer> counts, K key) {
        counts.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
    }
}
