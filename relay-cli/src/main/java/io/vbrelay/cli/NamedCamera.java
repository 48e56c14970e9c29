package io.vbrelay.cli;

import io.vbrelay.camera.Dialects;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One camera of {@code --camera}.
 *
 * @param sources where it is, best first; at least one
 */
record NamedCamera(String name, List<CameraArgument> sources) {
    private static final String DEFAULT_NAME = "cam";

    /** A name has neither colon nor slash; an address has a colon before its first equals sign. */
    private static final Pattern WORD = Pattern.compile("((?<name>[^:/=]*)=)?(?<address>\\p{Alnum}+:.*)");

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    NamedCamera {
        sources = List.copyOf(sources);
    }

    /**
     * Reads {@code [NAME=]URI …}: addresses separated by blanks, in which a name begins the next camera. So the one variable
     * holds as many cameras as flags could.
     *
     * @throws IllegalArgumentException in one line, without a password
     */
    static List<NamedCamera> parse(String text, Dialects dialects) {
        List<Matcher> words = new ArrayList<>();
        for (String word : BLANKS.splitAsStream(text.strip()).toList()) {
            Matcher matcher = WORD.matcher(word);
            if (!matcher.matches()) {
                // Not shown: a blank may have cut it out of a password.
                throw new IllegalArgumentException("camera: expected addresses such as vbc10://192.0.2.10, separated by"
                        + " blanks; a blank inside of one is written %20");
            }
            words.add(matcher);
        }
        List<NamedCamera> cameras = new ArrayList<>();
        String name = DEFAULT_NAME;
        List<CameraArgument> sources = new ArrayList<>();
        for (Matcher word : words) {
            String next = word.group("name");
            if (next != null) {
                if (!sources.isEmpty()) {
                    cameras.add(new NamedCamera(name, sources));
                    sources.clear();
                }
                name = next;
            }
            sources.add(CameraArgument.parse(word.group("address"), dialects));
        }
        cameras.add(new NamedCamera(name, sources));
        return cameras;
    }
}
