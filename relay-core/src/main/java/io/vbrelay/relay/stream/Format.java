package io.vbrelay.relay.stream;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a viewer can ask of a camera: the last part of {@code /live/{cam}.flv} and what comes back. */
public enum Format {
    FLV("flv", "video/x-flv"),
    WEBM("webm", "video/webm"),
    MP4("mp4", "video/mp4"),
    MJPEG("mjpeg", "multipart/x-mixed-replace; boundary=" + Format.BOUNDARY),
    JPEG("jpg", "image/jpeg");

    /** Between the parts of a multipart stream (RFC 2046, section 5.1.1). */
    public static final String BOUNDARY = "vbrelayframe";

    private final String extension;
    private final String contentType;

    Format(String extension, String contentType) {
        this.extension = extension;
        this.contentType = contentType;
    }

    public String extension() {
        return extension;
    }

    public String contentType() {
        return contentType;
    }

    /** The value of the metrics' {@code format} tag and of {@code --outputs}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Format> byExtension(String extension) {
        return Arrays.stream(values())
                .filter(format -> format.extension.equals(extension))
                .findFirst();
    }

    /** Reads a word of {@code --outputs}. */
    public static Format parse(String label) {
        return Arrays.stream(values())
                .filter(format -> format.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("outputs: expected some of "
                        + Arrays.stream(values()).map(Format::label).collect(Collectors.joining(","))
                        + ", got '"
                        + label
                        + "'"));
    }
}
