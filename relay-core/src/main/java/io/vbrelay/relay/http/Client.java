package io.vbrelay.relay.http;

import io.netty.util.AttributeKey;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from.
 *
 * @param isLocal whether that is a program on this machine, as far as is known: a proxy here that names nobody counts as one; or
 *     somebody who has come in at the second address
 */
record Client(InetAddress address, boolean isLocal) {
    /** On connections to the second address, which count as this machine's whatever a proxy says: only who may be there reaches it. */
    static final AttributeKey<Boolean> ADMIN = AttributeKey.valueOf(Client.class, "admin");

    /**
     * What is counted as one address, null for this machine: an IPv4 address, or the first half of an IPv6 address, which is the
     * least that a household gets (RFC 6177, section 2). No IPv6 network in use begins with the 32 zero bits of the first kind.
     */
    @Nullable
    Long household() {
        if (isLocal) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? Integer.toUnsignedLong(bytes.getInt()) : bytes.getLong();
    }
}
