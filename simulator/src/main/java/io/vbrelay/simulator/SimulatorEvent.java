package io.vbrelay.simulator;

/** What happens to a camera and concerns all its connections; fired down each pipeline as a user event. */
enum SimulatorEvent {
    PICTURES_DRAWN,
    RESUMED
}
