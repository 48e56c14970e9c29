package io.vbrelay.camera;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What goes wrong again and again, as a log is to tell it: the first few times, then counted, and once more with their number after ten
 * minutes. So nobody fills a disk by failing, and who fails seldom is told of each time.
 *
 * <p><b>Threads.</b> Any.
 */
public final class Repetition {
    private static final int MOST = 3;
    private static final long PERIOD_NS = TimeUnit.MINUTES.toNanos(10);

    @GuardedBy("this")
    private long beganNs;

    @GuardedBy("this")
    private int told;

    @GuardedBy("this")
    private long untold;

    /**
     * It has happened once more.
     *
     * @param nowNs of {@link System#nanoTime}
     * @return what the line ends with, often nothing; null when it is not to be told
     */
    public synchronized @Nullable String next(long nowNs) {
        if (told > 0 && nowNs - beganNs >= PERIOD_NS) {
            told = 0;
        }
        if (told == MOST) {
            untold++;
            return null;
        }
        if (told == 0) {
            beganNs = nowNs;
        }
        told++;
        String more = untold == 0 ? "" : "; " + untold + " more since this was told last";
        untold = 0;
        return more;
    }
}
