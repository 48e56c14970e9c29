package io.vbrelay.cli;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Addresses that a person can open. */
final class Urls {
    private Urls() {}

    /** The page of a relay that listens there; on all addresses, the one of this machine is as good as any. */
    static String page(InetSocketAddress listening) {
        InetAddress address = listening.getAddress();
        String host = address.isAnyLocalAddress() ? "127.0.0.1" : address.getHostAddress();
        if (!address.isAnyLocalAddress() && address instanceof Inet6Address) {
            host = "[" + host + "]";
        }
        return "http://" + host + ":" + listening.getPort() + "/";
    }
}
