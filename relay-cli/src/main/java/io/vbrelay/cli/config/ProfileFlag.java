package io.vbrelay.cli.config;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reads {@code --profile}: a name and what differs from the default profile, such as {@code low fps=4 bitrate=150k size=160x120}. A word
 * without {@code =} begins the next profile, so one variable is enough for all.
 */
public final class ProfileFlag {
    private static final Pattern BLANKS = Pattern.compile("\\s+");
    private static final Pattern FORM = Pattern.compile("(?:[^ =]+(?: [^ =]+=[^ ]*)+(?: |$))+");

    private ProfileFlag() {}

    /**
     * What a value of the flag, or of its variable, sets.
     *
     * @param origin of the value
     * @throws ConfigException when there is not a name and what differs
     */
    public static List<Setting> settings(String text, Origin origin) throws ConfigException {
        List<Setting> settings = new ArrayList<>();
        String words = BLANKS.matcher(text.strip()).replaceAll(" ");
        if (!FORM.matcher(words).matches()) {
            throw ConfigException.of(
                    origin, "expected a name and what differs, such as 'low fps=4', got '" + text + "'");
        }
        String profile = "";
        for (String word : words.split(" ", -1)) {
            int equals = word.indexOf('=');
            if (equals < 0) {
                profile = word;
            } else {
                String key = word.substring(0, equals);
                Origin at = origin.part(profile + ": " + key);
                settings.add(Setting.of("outputs." + profile + "." + key, word.substring(equals + 1), at));
            }
        }
        return settings;
    }
}
