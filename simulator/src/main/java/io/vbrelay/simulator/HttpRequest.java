package io.vbrelay.simulator;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request over HTTP.
 *
 * @param target as it was sent
 * @param path of the target
 * @param parameters of the target, and after them those of a form; names in small letters, since WV-HTTP takes any
 * @param headers names in small letters
 */
record HttpRequest(
        String method,
        String target,
        String path,
        Map<String, String> parameters,
        Map<String, String> headers,
        String body) {
    @Nullable
    String parameter(String name) {
        return parameters.get(name);
    }

    /** The first of these that was given: many of WV-HTTP's have a short name and a long one. */
    @Nullable
    String parameter(String name, String otherName) {
        String value = parameters.get(name);
        return value == null ? parameters.get(otherName) : value;
    }
}
