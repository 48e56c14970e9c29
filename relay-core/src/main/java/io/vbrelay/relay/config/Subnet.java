package io.vbrelay.relay.config;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Addresses that begin with the same bits.
 *
 * @param bits how many of them, 0 to 32 of an IPv4 address, 0 to 128 of an IPv6 address
 */
public record Subnet(InetAddress address, int bits) {
    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final Pattern TEXT =
            Pattern.compile("(" + OCTET + "(?:\\." + OCTET + "){3}|([0-9a-fA-F.]*:[0-9a-fA-F:.]*))(?:/(\\d{1,3}))?");

    public Subnet {
        if (bits < 0 || bits > length(address)) {
            throw new IllegalArgumentException("subnet: expected 0 to " + length(address) + " bits of "
                    + address.getHostAddress() + ", got '" + bits + "'");
        }
    }

    private static int length(InetAddress address) {
        return address instanceof Inet4Address ? 32 : 128;
    }

    /** {@code ADDRESS}, or {@code ADDRESS/BITS}; a name is none, for it would have to be looked up. */
    public static Subnet parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw wrong(text);
        }
        InetAddress address;
        try {
            // In brackets Java takes nothing but an IPv6 address, so neither is looked up.
            address = InetAddress.getByName(matcher.group(2) == null ? matcher.group(1) : "[" + matcher.group(2) + "]");
        } catch (UnknownHostException e) {
            throw wrong(text);
        }
        String bits = matcher.group(3);
        return new Subnet(address, bits == null ? length(address) : Integer.parseInt(bits));
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException(
                "subnet: expected an address such as 10.0.0.1 or 2001:db8::/32, got '" + text + "'");
    }
}
