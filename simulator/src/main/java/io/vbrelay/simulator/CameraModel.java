package io.vbrelay.simulator;

/** The cameras that can be simulated. Numbers are of facts, section a.3, ranges of spec, section 7.3. */
public enum CameraModel {
    // The VB-C10's ranges are not known: these are what Canon's applet falls back to.
    VBC10("VB-C10", 3, 1, "01.05", 50, Range.symmetric(50), Range.symmetric(20), new Range(4.80, 48.60)),
    VBC10R("VB-C10R", 4, 1, "01.05", 50, Range.symmetric(50), Range.symmetric(20), new Range(4.80, 48.60)),
    VBC50I("VB-C50i", 6, 2, "01.07", 55, Range.symmetric(100), new Range(-30, 90), new Range(1.97, 41.26)),
    VBC50IR("VB-C50iR", 7, 2, "01.07", 55, Range.symmetric(170), new Range(-90, 10.01), new Range(1.97, 41.26));

    private final String title;
    private final int number;
    private final int fileFormat;
    private final String protocolVersion;
    private final int maxPriority;
    private final Range pan;
    private final Range tilt;
    private final Range zoom;

    CameraModel(
            String title,
            int number,
            int fileFormat,
            String protocolVersion,
            int maxPriority,
            Range pan,
            Range tilt,
            Range zoom) {
        this.title = title;
        this.number = number;
        this.fileFormat = fileFormat;
        this.protocolVersion = protocolVersion;
        this.maxPriority = maxPriority;
        this.pan = pan;
        this.tilt = tilt;
        this.zoom = zoom;
    }

    /** Reads {@code vbc10}. */
    public static CameraModel parse(String text) {
        return Names.parse(CameraModel.class, "model", text);
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

    /** Of WV-HTTP (facts, section c.1). */
    String protocolVersion() {
        return protocolVersion;
    }

    /** Highest priority of a WV-HTTP session (facts, section c.3). */
    int maxPriority() {
        return maxPriority;
    }

    /** Whether it is of the VB-C50i series, which can do more over HTTP than the VB-C10. */
    boolean isC50() {
        return fileFormat == 2;
    }

    /** Right is positive. */
    Range pan() {
        return pan;
    }

    /** Up is positive. */
    Range tilt() {
        return tilt;
    }

    /** Horizontal angle of view: the smallest is the longest tele. */
    Range zoom() {
        return zoom;
    }

    @Override
    public String toString() {
        return Names.of(this);
    }
}
