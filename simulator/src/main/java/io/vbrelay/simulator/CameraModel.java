package io.vbrelay.simulator;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The cameras that can be simulated. Numbers are of facts, section a.3 and (d). */
public enum CameraModel {
    VBC10("VB-C10", 3, 1, 48.60),
    VBC10R("VB-C10R", 4, 1, 48.60),
    VBC50I("VB-C50i", 6, 2, 41.26),
    VBC50IR("VB-C50iR", 7, 2, 41.26);

    private final String title;
    private final int number;
    private final int fileFormat;
    private final double widestZoomDegrees;

    CameraModel(String title, int number, int fileFormat, double widestZoomDegrees) {
        this.title = title;
        this.number = number;
        this.fileFormat = fileFormat;
        this.widestZoomDegrees = widestZoomDegrees;
    }

    /** Reads {@code vbc10}. */
    public static CameraModel parse(String text) {
        for (CameraModel model : values()) {
            if (model.toString().equals(text)) {
                return model;
            }
        }
        String known = Arrays.stream(values()).map(CameraModel::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("model: expected one of " + known + ", got '" + text + "'");
    }

    /** As Canon writes it. */
    String title() {
        return title;
    }

    /** Canon's model number in the VB block. */
    int number() {
        return number;
    }

    /** Canon's file format in the VB block: 1 has no milliseconds, 2 has. */
    int fileFormat() {
        return fileFormat;
    }

    double widestZoomDegrees() {
        return widestZoomDegrees;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
