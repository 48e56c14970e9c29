package io.vbrelay.camera.control;

/**
 * Where a camera looks, in degrees.
 *
 * @param pan 0 is the front, right is positive; -180 to 180
 * @param tilt 0 is level, up is positive; -180 to 180
 * @param zoom horizontal angle of view, so less is nearer; 0 to 180
 */
public record PtzPosition(double pan, double tilt, double zoom) {
    /** A step of the head is 0.1125 degrees (facts, section d, S13): it stands this near to where it was sent. */
    private static final double STEP = 0.1125;

    public PtzPosition {
        check("pan", pan, -180, 180);
        check("tilt", tilt, -180, 180);
        check("zoom", zoom, 0, 180);
    }

    static PtzPosition ofHundredths(int pan, int tilt, int zoom) {
        return new PtzPosition(pan / 100.0, tilt / 100.0, zoom / 100.0);
    }

    /** As cameras count, in 0.01 degrees. */
    static int hundredths(double degrees) {
        return (int) Math.round(degrees * 100);
    }

    /** Whether a head that was sent there and stands here has arrived. */
    boolean isAt(PtzPosition target) {
        return Math.abs(pan - target.pan) <= STEP
                && Math.abs(tilt - target.tilt) <= STEP
                && Math.abs(zoom - target.zoom) <= STEP;
    }

    static void check(String name, double value, double min, double max) {
        if (!(value >= min && value <= max)) {
            throw new IllegalArgumentException(
                    name + ": expected " + number(min) + " to " + number(max) + ", got '" + number(value) + "'");
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
