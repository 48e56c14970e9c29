package io.vbrelay.cli;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.vbrelay.relay.RelayStatus;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd how the service stands, in the datagrams of sd_notify(3). Without a service manager that listens, nothing happens.
 *
 * <p>Java 17 has no such sockets; Netty's native library for Linux has.
 *
 * <p><b>Threads.</b> Any may call; an event loop of its own sends. Nothing waits but {@link #stopping}.
 */
final class ServiceManager {
    /** The rest of the program has three seconds to end, and systemd more. */
    private static final int STOPPING_SECONDS = 1;

    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    private final @Nullable Channel channel;
    private final DomainSocketAddress address;
    private final boolean isWatching;

    private volatile boolean failing;
    private String told = ""; // Only on the thread that tells the status.

    private ServiceManager(@Nullable Channel channel, DomainSocketAddress address, boolean isWatching) {
        this.channel = channel;
        this.address = address;
        this.isWatching = isWatching;
    }

    /** The one that started this process, if it says so. What it says that can't be obeyed is logged. */
    static ServiceManager of(Map<String, String> environment) {
        String socket = environment.getOrDefault("NOTIFY_SOCKET", "");
        if (socket.isEmpty()) {
            return nobody();
        }
        if (!socket.startsWith("/") && !socket.startsWith("@")) {
            log.warn("systemd is told nothing: NOTIFY_SOCKET is '{}', neither a path nor an abstract name", socket);
            return nobody();
        }
        if (!Epoll.isAvailable()) {
            log.warn("systemd is told nothing: Netty's native library does not load, {}", Epoll.unavailabilityCause());
            return nobody();
        }
        // An abstract name begins with a zero byte (unix(7)).
        DomainSocketAddress address = new DomainSocketAddress(socket.replaceFirst("^@", "\0"));
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("systemd", true), EpollIoHandler.newFactory());
        Channel channel = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(new ChannelInboundHandlerAdapter())
                .bind(new DomainSocketAddress("")) // To any abstract name: "autobind" in unix(7).
                .syncUninterruptibly()
                .channel();
        return new ServiceManager(channel, address, isWatching(environment));
    }

    private static ServiceManager nobody() {
        return new ServiceManager(null, new DomainSocketAddress(""), false);
    }

    /** Whether it ends the process when it does not hear of it (sd_watchdog_enabled(3)). */
    private static boolean isWatching(Map<String, String> environment) {
        String own = Long.toString(ProcessHandle.current().pid());
        return environment.containsKey("WATCHDOG_USEC")
                && environment.getOrDefault("WATCHDOG_PID", own).equals(own);
    }

    /** The service has started, or its configuration has been loaded anew. */
    void ready() {
        send("READY=1");
    }

    /** Followed by {@link #ready}, also when the new configuration is refused. */
    void reloading() {
        // CLOCK_MONOTONIC, which is what HotSpot's nanoTime is on Linux.
        send("RELOADING=1\nMONOTONIC_USEC=" + TimeUnit.NANOSECONDS.toMicros(System.nanoTime()));
    }

    /** Returns when that is sent, or can't be. */
    void stopping() {
        ChannelFuture sent = send("STOPPING=1");
        if (sent != null) {
            sent.awaitUninterruptibly(STOPPING_SECONDS, TimeUnit.SECONDS);
        }
    }

    /**
     * To be called each second, by one thread: tells how the service stands if that has changed, and that it is alive unless something
     * hangs. Nothing, while systemd takes nothing and 64 kB wait (Netty's usual water mark).
     */
    void tell(RelayStatus status) {
        if (channel == null || !channel.isWritable()) {
            return;
        }
        String words = words(status);
        String message = isWatching && status.hanging().isEmpty() ? "WATCHDOG=1\n" : "";
        if (!words.equals(told)) {
            told = words;
            message += "STATUS=" + words + "\n";
        }
        if (!message.isEmpty()) {
            send(message);
        }
    }

    /** For {@code systemctl status}. */
    static String words(RelayStatus status) {
        StringBuilder words = new StringBuilder()
                .append(counted(status.cameras(), "camera"))
                .append(", ")
                .append(status.up())
                .append(" up, ");
        if (status.idle() > 0) {
            words.append(status.idle()).append(" idle, ");
        }
        words.append(counted(status.viewers(), "viewer"));
        if (!status.hanging().isEmpty()) {
            words.append("; hangs: ").append(status.hanging().get(0)); // The log has them all.
        }
        return words.toString();
    }

    private static String counted(int count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private @Nullable ChannelFuture send(String message) {
        if (channel == null) {
            return null;
        }
        ChannelFuture sent = channel.writeAndFlush(
                new DomainDatagramPacket(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8), address));
        sent.addListener(done -> {
            if (!done.isSuccess() && !failing) {
                log.warn(
                        "systemd does not hear what it is told: {}",
                        done.cause().getMessage());
            }
            failing = !done.isSuccess();
        });
        return sent;
    }
}
