package io.vbrelay.camera.http;

import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What Canon's WV-HTTP says in its {@code Livescope-Status} header, beside an HTTP status of 200 (facts, section c.2). */
public enum LivescopeStatus {
    NO_CONTROL_RIGHT(301, "no camera control right: take control first"),
    CAMERA_NOT_AVAILABLE(302, "camera is not available: is its head switched on and connected?"),
    CAMERA_NOT_CONTROLLABLE(303, "camera is not controllable"),
    UNKNOWN_OPERATOR(401, "unknown operator: this model or firmware doesn't know the command"),
    INVALID_PARAMETER(403, "invalid parameter value: does the camera know the size?"),
    TIMEOUT(404, "operation timeout: the camera is busy"),
    PARAMETER_MISSING(406, "parameter missing: this firmware wants more than is documented"),
    INVALID_REQUEST(407, "invalid request"),
    CONFLICT(408, "conflict with another request of the same session"),
    UNKNOWN_CONNECTION(501, "unknown connection id: the session has expired"),
    TOO_MANY_CLIENTS(503, "too many clients: close another viewer, or raise the camera's limit"),
    INSUFFICIENT_PRIVILEGE(507, "insufficient privilege: give the address a user who may do this");

    /** The header's name, in any case. */
    public static final String HEADER = "Livescope-Status";

    /** The text behind the number is not always the same, so it is ignored. */
    private static final Pattern FORM = Pattern.compile("\\s*([0-9]{1,5}).*", Pattern.DOTALL);

    private final int code;
    private final String meaning;

    LivescopeStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    public int code() {
        return code;
    }

    /** What the number means; empty when that is not known. */
    public static Optional<LivescopeStatus> of(int code) {
        return Arrays.stream(values()).filter(status -> status.code == code).findFirst();
    }

    /**
     * The number in a header's value; 0, which is good, when there is no header.
     *
     * @param value null when the response has no such header
     */
    public static int code(@Nullable String value) {
        Matcher matcher = FORM.matcher(value == null ? "" : value);
        return matcher.matches() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    /** The number, what it means, and what to do about it. */
    public static String describe(int code) {
        return of(code).map(status -> code + ", " + status.meaning).orElse(code + ", of unknown meaning");
    }
}
