package io.vbrelay.simulator;

/**
 * How the HTTP port behaves (spec, section 7.4).
 *
 * @param boundary between the parts of {@code GetOneShot}'s and {@code /stream}'s answers
 * @param dashesInHeader whether the boundary has its two dashes in the {@code Content-Type} header too
 * @param scheme how a client proves its login, when the camera has one that is enforced
 */
public record HttpSettings(String boundary, boolean dashesInHeader, Scheme scheme) {
    /** How a login is proved. */
    public enum Scheme {
        /** RFC 7617. */
        BASIC,
        /** RFC 7616 with MD5 and {@code qop=auth}, for what is not WV-HTTP: that knows Basic only. */
        DIGEST;

        public static Scheme parse(String text) {
            return Names.parse(Scheme.class, "scheme", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    public static final HttpSettings DEFAULTS = new HttpSettings("LivescopeImage", false, Scheme.BASIC);

    public HttpSettings {
        // RFC 2046, section 5.1.1, has a few more characters, which would need quotes.
        if (!boundary.matches("[A-Za-z0-9'+_.-]{1,70}")) {
            throw new IllegalArgumentException(
                    "boundary: expected 1 to 70 letters, digits and '+_.-, got '" + boundary + "'");
        }
    }

    public HttpSettings withBoundary(String boundary) {
        return new HttpSettings(boundary, dashesInHeader, scheme);
    }

    public HttpSettings withDashesInHeader(boolean dashes) {
        return new HttpSettings(boundary, dashes, scheme);
    }

    public HttpSettings withScheme(Scheme scheme) {
        return new HttpSettings(boundary, dashesInHeader, scheme);
    }
}
