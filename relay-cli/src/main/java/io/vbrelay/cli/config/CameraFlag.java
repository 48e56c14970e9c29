package io.vbrelay.cli.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code --camera}: {@code [NAME=]URI …}, addresses separated by blanks, in which a name begins the next camera. */
public final class CameraFlag {
    private static final String DEFAULT_NAME = "cam";

    /** A name has neither colon nor slash; an address has a colon before its first equals sign. */
    private static final Pattern WORD =
            Pattern.compile("((?<name>[^:/=]*)=)?(?<address>" + CameraArgument.START + ".*)");

    /** Nothing is shown: a blank may have cut it out of a password. */
    static final String NO_ADDRESSES =
            "expected addresses such as vbc10://192.0.2.10, separated by blanks; a blank inside of one is written %20";

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private CameraFlag() {}

    /**
     * What the values of the flag, or the one of its variable, set; so one variable holds as many cameras as flags could.
     *
     * @param origin that they have
     * @throws ConfigException when there is no address, or when two cameras have the same name
     */
    public static List<Setting> settings(List<String> values, Origin origin) throws ConfigException {
        Map<String, List<String>> cameras = new LinkedHashMap<>();
        for (String value : values) {
            add(value, cameras, origin);
        }
        List<Setting> settings = new ArrayList<>();
        cameras.forEach((name, addresses) -> settings.add(Setting.of(Keys.SOURCE.path(name), addresses, origin)));
        return settings;
    }

    private static void add(String value, Map<String, List<String>> cameras, Origin origin) throws ConfigException {
        List<String> addresses = List.of();
        for (String word : BLANKS.split(value.strip(), -1)) {
            Matcher matcher = WORD.matcher(word);
            if (!matcher.matches()) {
                throw ConfigException.of(origin, NO_ADDRESSES);
            }
            String name = matcher.group("name");
            if (name != null || addresses.isEmpty()) {
                addresses = new ArrayList<>();
                if (cameras.putIfAbsent(name == null ? DEFAULT_NAME : name, addresses) != null) {
                    throw ConfigException.of(
                            origin,
                            "expected different names, got '" + (name == null ? DEFAULT_NAME : name) + "' twice;"
                                    + " addresses of one camera have blanks between them");
                }
            }
            addresses.add(matcher.group("address"));
        }
    }
}
