package io.vbrelay.relay.control;

import io.vbrelay.camera.control.PtzCommand;

/** What an operator can ask for. */
public sealed interface PtzRequest {
    /** Tell the camera this. */
    record Drive(PtzCommand command) implements PtzRequest {}

    /** Look where this preset looks. */
    record Recall(String preset) implements PtzRequest {}

    /** Keep where the camera looks now under this name. */
    record Save(String preset) implements PtzRequest {}

    /** Drop a name that was kept here. */
    record Forget(String preset) implements PtzRequest {}

    /** Give up control, or a place in the queue. */
    record Leave() implements PtzRequest {}
}
