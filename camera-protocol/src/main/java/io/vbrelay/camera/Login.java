package io.vbrelay.camera;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An account of a camera.
 *
 * @param user without a colon, since cameras split at the first one
 * @param password never part of {@link #toString} or of an exception's message; null when none was given
 */
public record Login(String user, @Nullable String password) {
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    public Login {
        if (user.indexOf(':') >= 0) {
            // Not shown: who wrote %3A for the colon has put the password into the user.
            throw new IllegalArgumentException("user: expected one without a colon");
        }
        if (user.isEmpty() || CONTROL.matcher(user).find()) {
            String printable = CONTROL.matcher(user).replaceAll("?");
            throw new IllegalArgumentException(
                    "user: expected one or more printable characters, got '" + printable + "'");
        }
    }

    /** {@code user:password}, as cameras want it; a secret. */
    public String credentials() {
        return user + ":" + (password == null ? "" : password);
    }

    /** The user, and that there is a password. */
    @Override
    public String toString() {
        return user + (password == null ? "" : ":***");
    }
}
