package io.vbrelay.relay.transcode;

import java.util.concurrent.Semaphore;

/** How many encoders may run at once, of all cameras together. <b>Threads.</b> Any. */
public final class EncoderLimit {
    private final Semaphore places;

    public EncoderLimit(int most) {
        places = new Semaphore(most);
    }

    boolean take() {
        return places.tryAcquire();
    }

    void giveBack() {
        places.release();
    }
}
