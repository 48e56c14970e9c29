package io.vbrelay.camera.control;

import org.jspecify.annotations.Nullable;

/** What a camera can be told; see {@link PtzPosition} for units and signs. */
public sealed interface PtzCommand {
    /** Whether it goes on until it is stopped. */
    default boolean isTurn() {
        return false;
    }

    /** A command that ends somewhere. */
    sealed interface Move extends PtzCommand {
        /** Where it ends when the head looks there now, before the camera's range is applied. */
        PtzPosition target(PtzPosition now);
    }

    /** Look there; what is null stays. */
    record MoveTo(
            @Nullable Double pan,
            @Nullable Double tilt,
            @Nullable Double zoom) implements Move {
        public MoveTo {
            new PtzPosition(or(pan, 0), or(tilt, 0), or(zoom, 0)); // Checks what is given.
        }

        public MoveTo(PtzPosition position) {
            this(position.pan(), position.tilt(), position.zoom());
        }

        @Override
        public PtzPosition target(PtzPosition now) {
            return new PtzPosition(or(pan, now.pan()), or(tilt, now.tilt()), or(zoom, now.zoom()));
        }

        private static double or(@Nullable Double value, double otherwise) {
            return value == null ? otherwise : value;
        }
    }

    /** Turn by so many degrees, each -360 to 360. */
    record MoveBy(double pan, double tilt, double zoom) implements Move {
        public MoveBy {
            PtzPosition.check("pan", pan, -360, 360);
            PtzPosition.check("tilt", tilt, -360, 360);
            PtzPosition.check("zoom", zoom, -360, 360);
        }

        @Override
        public PtzPosition target(PtzPosition now) {
            return new PtzPosition(
                    Math.min(Math.max(now.pan() + pan, -180), 180),
                    Math.min(Math.max(now.tilt() + tilt, -180), 180),
                    Math.min(Math.max(now.zoom() + zoom, 0), 180));
        }
    }

    /** Start turning or zooming, until {@link Stop}; what is null goes on as it is. */
    record Jog(@Nullable Direction direction, @Nullable ZoomDirection zoom) implements PtzCommand {
        public Jog {
            if (direction == null && zoom == null) {
                throw new IllegalArgumentException("jog: expected a direction, a zoom, or both");
            }
        }

        @Override
        public boolean isTurn() {
            return true;
        }
    }

    /** Stand still, and stop zooming and focusing. */
    record Stop() implements PtzCommand {}

    /**
     * How fast; what is null stays. The limits are those of the head alone (facts, section d, S13).
     *
     * @param pan in degrees a second, 0.9 to 90
     * @param tilt in degrees a second, 0.9 to 70
     * @param zoom a step, 0 to 7
     */
    record Speed(
            @Nullable Double pan,
            @Nullable Double tilt,
            @Nullable Integer zoom) implements PtzCommand {
        public Speed {
            PtzPosition.check("pan", pan == null ? 1 : pan, 0.9, 90);
            PtzPosition.check("tilt", tilt == null ? 1 : tilt, 0.9, 70);
            PtzPosition.check("zoom", zoom == null ? 0 : zoom, 0, 7);
        }

        /** What is set by these two, one behind the other. */
        Speed with(Speed newer) {
            return new Speed(
                    newer.pan == null ? pan : newer.pan,
                    newer.tilt == null ? tilt : newer.tilt,
                    newer.zoom == null ? zoom : newer.zoom);
        }
    }

    /** How the picture is brought into focus, or a turn of the manual focus until {@link #STOP}. */
    enum Focus implements PtzCommand {
        AUTO,
        MANUAL,
        INFINITY,
        /** Automatic, for a camera under a dome. */
        DOME,
        NEAR,
        FAR,
        STOP;

        @Override
        public boolean isTurn() {
            return this == NEAR || this == FAR;
        }
    }

    /** By the camera's own measure. */
    record AutoExposure() implements PtzCommand {}

    /**
     * By hand; the limits are a field-used client's (facts, section b.4).
     *
     * @param aperture 1 to 15
     * @param shutter one over so many seconds, 1 to 250
     * @param gain 1 to 256
     */
    record ManualExposure(int aperture, int shutter, int gain) implements PtzCommand {
        public ManualExposure {
            PtzPosition.check("aperture", aperture, 1, 15);
            PtzPosition.check("shutter", shutter, 1, 250);
            PtzPosition.check("gain", gain, 1, 256);
        }
    }

    /**
     * How bright automatic exposure makes the picture.
     *
     * @param level 0 to 6; the native port knows 0, 2, 4 and 6
     */
    record Brightness(int level) implements PtzCommand {
        public Brightness {
            PtzPosition.check("brightness", level, 0, 6);
        }
    }

    /** Night mode: a black and white picture that needs less light. */
    record Night(boolean on) implements PtzCommand {}

    /** The infrared lamp. */
    record Infrared(boolean on) implements PtzCommand {}

    /** Where to turn, as seen from the camera. */
    enum Direction {
        RIGHT(1),
        LEFT(2),
        UP(4),
        UP_RIGHT(5),
        UP_LEFT(6),
        DOWN(8),
        DOWN_RIGHT(9),
        DOWN_LEFT(10);

        private final int bits;

        Direction(int bits) {
            this.bits = bits;
        }

        /** As the native port has it (facts, section b.4). */
        int bits() {
            return bits;
        }
    }

    /** Nearer or wider. */
    enum ZoomDirection {
        IN,
        OUT
    }
}
