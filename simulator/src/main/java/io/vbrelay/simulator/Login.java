package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The account that clients' credentials are compared with, on all ports.
 *
 * @param password never part of {@link #toString}
 * @param enforced whether a client without the right credential is turned away; else that is only logged,
 *     since a real camera was seen to serve one (facts, section a.1)
 */
public record Login(String user, String password, boolean enforced) {
    /** {@code user:password} goes over the wire XORed with this (facts, section a.1). */
    private static final int KEY = 0x7F;

    /** Also accepts the published credential, whose first byte is not XORed (facts, section a.1). */
    boolean accepts(byte[] credential) {
        byte[] plain = plain().getBytes(UTF_8);
        if (credential.length != plain.length) {
            return false;
        }
        boolean same = credential[0] == (plain[0] ^ KEY) || credential[0] == plain[0];
        for (int i = 1; i < plain.length; i++) {
            same &= credential[i] == (plain[i] ^ KEY);
        }
        return same;
    }

    /** {@code user:password}, a secret. */
    String plain() {
        return user + ":" + password;
    }

    @Override
    public String toString() {
        return user + ":***" + (enforced ? ", enforced" : "");
    }
}
