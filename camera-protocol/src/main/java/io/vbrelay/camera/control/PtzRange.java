package io.vbrelay.camera.control;

/**
 * Where a camera can look; see {@link PtzPosition} for units and signs.
 *
 * <p>What each model's is, and how that is known: docs/control.md.
 */
public record PtzRange(double panMin, double panMax, double tiltMin, double tiltMax, double zoomMin, double zoomMax) {
    /** VB-C50iR, or a head that hangs from the ceiling (facts, section d). */
    public static final PtzRange VBC50IR = new PtzRange(-170, 170, -90, 10.01, 1.97, 41.26);

    /** VB-C50i that stands upright: the sister camera's range (facts, section d, S13). */
    public static final PtzRange VBC50I = new PtzRange(-100, 100, -30, 90, 1.97, 41.26);

    /** VB-C10 and VB-C10R: what Canon's viewer takes when the camera gives none (facts, section d). */
    public static final PtzRange VBC10 = new PtzRange(-50, 50, -20, 20, 4.8, 48.6);

    /** Holds all of the above, for a camera whose model is not known. */
    public static final PtzRange ANY = new PtzRange(-170, 170, -90, 90, 1.97, 48.6);

    public PtzRange {
        PtzPosition.check("panMin", panMin, -180, panMax);
        PtzPosition.check("panMax", panMax, panMin, 180);
        PtzPosition.check("tiltMin", tiltMin, -180, tiltMax);
        PtzPosition.check("tiltMax", tiltMax, tiltMin, 180);
        PtzPosition.check("zoomMin", zoomMin, 0, zoomMax);
        PtzPosition.check("zoomMax", zoomMax, zoomMin, 180);
    }

    /** By the model number in the header of Canon's pictures (facts, section a.3). */
    public static PtzRange ofModel(int model) {
        return switch (model) {
            case 3, 4 -> VBC10;
            case 6 -> VBC50I;
            case 7 -> VBC50IR;
            default -> ANY;
        };
    }

    /** The nearest position in range. */
    PtzPosition clamp(PtzPosition wanted) {
        return new PtzPosition(
                Math.min(Math.max(wanted.pan(), panMin), panMax),
                Math.min(Math.max(wanted.tilt(), tiltMin), tiltMax),
                Math.min(Math.max(wanted.zoom(), zoomMin), zoomMax));
    }
}
