package io.vbrelay.simulator;

/** Who moves the camera: a connection to the control port, or a session over HTTP. Called on the event loop. */
interface Operator {
    /** 0, or 5 and more (facts, section c.3): from 5 on control is held without a limit, and taken from equals. */
    int priority();

    /** Has the right now, for this long if others wait; 0 is without a limit. */
    void onGranted(long limitMs);

    /** Will have it, about then. */
    void onWaiting(long waitMs);

    /** Will not have it: too many wait, or who has it keeps it. */
    void onRefused();

    /** Had it. */
    void onLost();

    /** The head has arrived or was stopped; own when this operator had sent it. */
    void onStopped(Position position, boolean own);
}
