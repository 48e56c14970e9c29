package io.vbrelay.simulator;

import com.google.errorprone.annotations.Immutable;

/** How far one of the head's axes goes, in degrees, both ends included. */
@Immutable
record Range(double min, double max) {
    static Range symmetric(double max) {
        return new Range(-max, max);
    }

    boolean contains(double degrees) {
        return degrees >= min && degrees <= max;
    }

    double clamp(double degrees) {
        return Math.max(min, Math.min(max, degrees));
    }

    double width() {
        return max - min;
    }
}
