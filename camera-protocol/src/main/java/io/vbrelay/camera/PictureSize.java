package io.vbrelay.camera;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Width and height of a picture in pixels.
 *
 * <p>Both are 1 to 65535: a JPEG's SOF marker has 16 bits for each (ITU-T T.81, B.2.2).
 */
public record PictureSize(int width, int height) {
    private static final int MAX = 65_535;
    private static final Pattern TEXT = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    public PictureSize {
        if (width < 1 || width > MAX || height < 1 || height > MAX) {
            throw new IllegalArgumentException("size: expected 1x1 to 65535x65535, got '" + width + "x" + height + "'");
        }
    }

    /** Reads {@code 320x240}. */
    public static PictureSize parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("size: expected WIDTHxHEIGHT such as 320x240, got '" + text + "'");
        }
        return new PictureSize(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    @Override
    public String toString() {
        return width + "x" + height;
    }
}
