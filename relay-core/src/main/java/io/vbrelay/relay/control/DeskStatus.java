package io.vbrelay.relay.control;

import io.vbrelay.camera.control.PtzPosition;
import io.vbrelay.camera.control.PtzRange;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What there is to know about a camera's control.
 *
 * @param moving whether a command is under way
 * @param position where it looks; null when neither its pictures nor the camera say
 * @param range null while the camera has not told
 * @param presets names, in the order of who told them: first those kept here
 * @param problem why the last command was not done, a sentence; null when it was
 * @param control who holds it, and where the one who asks stands
 */
public record DeskStatus(
        boolean moving,
        @Nullable PtzPosition position,
        @Nullable PtzRange range,
        Set<String> presets,
        @Nullable String problem,
        Operators control) {}
