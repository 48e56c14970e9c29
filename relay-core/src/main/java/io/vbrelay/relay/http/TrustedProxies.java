package io.vbrelay.relay.http;

import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import io.vbrelay.relay.config.Subnet;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the client of a request from the proxies before it. Each proxy appends to {@code X-Forwarded-For} whom it got the
 * request from, so the header is believed from its end on, as long as those who wrote it are trusted. Where that ends, at something that is
 * no address or at the header's beginning, is the client, as far as it is known. Whoever is spoken for is not on this machine, whatever
 * address that is: else a word that nobody understands would make a local client of anybody.
 */
final class TrustedProxies {
    private static final String FORWARDED_FOR = "X-Forwarded-For";

    /** IPv6 in brackets, IPv4, each with a port or without, or bare IPv6. */
    private static final Pattern ADDRESS =
            Pattern.compile("\\[([0-9a-fA-F:.]+)](?::\\d{1,5})?|([0-9.]+)(?::\\d{1,5})?|([0-9a-fA-F:.]+)");

    /** A connection that has ended meanwhile may have forgotten where it came from. */
    private static final Client GONE = new Client(new InetSocketAddress(0).getAddress(), false);

    private final List<IpSubnetFilterRule> subnets;

    TrustedProxies(List<Subnet> subnets) {
        this.subnets = subnets.stream()
                .map(subnet -> new IpSubnetFilterRule(subnet.address(), subnet.bits(), IpFilterRuleType.ACCEPT))
                .toList();
    }

    Client client(Channel channel, HttpRequest request) {
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote)) {
            return GONE;
        }
        InetAddress peer = remote.getAddress();
        boolean isAdmin = channel.hasAttr(Client.ADMIN);
        List<String> named = isTrusted(peer) ? named(request.headers()) : List.of();
        return named.isEmpty()
                ? new Client(peer, isAdmin || peer.isLoopbackAddress())
                : new Client(farthest(peer, named), isAdmin);
    }

    private boolean isTrusted(InetAddress address) {
        InetSocketAddress socketAddress = new InetSocketAddress(address, 0);
        return subnets.stream().anyMatch(subnet -> subnet.matches(socketAddress));
    }

    /** A list may have empty elements, which mean nothing (RFC 9110, section 5.6.1). */
    private static List<String> named(HttpHeaders headers) {
        return Arrays.stream(String.join(",", headers.getAll(FORWARDED_FOR)).split(",", -1))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** The first from the end on who is not trusted, or whom the last who is trusted does not name. */
    private InetAddress farthest(InetAddress peer, List<String> named) {
        InetAddress known = peer;
        for (int i = named.size() - 1; i >= 0 && isTrusted(known); i--) {
            InetAddress address = parse(named.get(i));
            if (address == null) {
                return known;
            }
            known = address;
        }
        return known;
    }

    private static @Nullable InetAddress parse(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String address = matcher.group(1) != null
                ? matcher.group(1)
                : matcher.group(2) != null ? matcher.group(2) : matcher.group(3);
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(address);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes); // Makes IPv4 of an IPv4-mapped address.
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address of " + bytes.length + " bytes", e);
        }
    }
}
