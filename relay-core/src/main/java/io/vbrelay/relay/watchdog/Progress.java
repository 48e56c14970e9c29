package io.vbrelay.relay.watchdog;

/**
 * How far one thread is: it waits for work, or is in a step that is to come to an end.
 *
 * <p><b>Threads.</b> The thread that is watched sets the marks, at the cost of one volatile write; of an event loop, the one that looks says
 * that it works, and the loop that it waits. The {@link Watchdog} reads them on its own thread. A thread that dies in a step stays in it, which
 * is what should be told of it; one that ends as it should says that it waits.
 */
public final class Progress {
    private final String what;
    private final Thread thread;

    private long steps; // Only on the thread that begins steps.
    private volatile long step; // The number of the one that runs; 0 while it waits.

    // Only on the thread that looks.
    private long seen;
    private int looks;

    /**
     * @param what the thread does, for the log: {@code camera harbour: transcoder}
     * @param thread whose stack trace tells where it hangs
     */
    public Progress(String what, Thread thread) {
        this.what = what;
        this.thread = thread;
    }

    /** A step begins. The one before has ended. */
    public void works() {
        step = ++steps;
    }

    /** The step has ended, and the next begins when there is something to do. */
    public void waits() {
        step = 0;
    }

    boolean isWaiting() {
        return step == 0;
    }

    /** Compares with the look before. */
    void look() {
        long now = step;
        looks = now != 0 && now == seen ? looks + 1 : 0;
        seen = now;
    }

    /** How many looks in a row have found it in the step of the look before. */
    int looks() {
        return looks;
    }

    String what() {
        return what;
    }

    Thread thread() {
        return thread;
    }
}
