package io.vbrelay.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
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
 * <p>The socket is connected: only of one that is does Linux tell when systemd's queue has room again (unix(7), {@code unix_dgram_poll}).
 * Of another, Netty would try without a pause.
 *
 * <p><b>Threads.</b> Any may call; an event loop of its own sends. Nothing waits for systemd but {@link #stopping}.
 */
final class ServiceManager {
    private static final int CONNECT_SECONDS = 1;

    /** The rest of the program has three seconds to end, two more for a camera that does not take its stop, and systemd waits longer. */
    private static final int STOPPING_SECONDS = 1;

    private static final Logger log = LoggerFactory.getLogger(ServiceManager.class);

    private final @Nullable Bootstrap sockets; // Null when nobody listens.
    private final boolean isWatching;

    private volatile boolean failing;
    private volatile String told = ""; // The status; nothing once something was not heard.

    @GuardedBy("this")
    private @Nullable ChannelFuture connected;

    private ServiceManager(@Nullable Bootstrap sockets, boolean isWatching) {
        this.sockets = sockets;
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
        Bootstrap sockets = new Bootstrap()
                .group(loop)
                .channel(EpollDomainDatagramChannel.class)
                .handler(nothing())
                .localAddress(new DomainSocketAddress("")) // Any abstract name: "autobind" in unix(7).
                .remoteAddress(address);
        return new ServiceManager(sockets, isWatching(environment));
    }

    /** Of every socket that there will be; systemd sends nothing. */
    private static ChannelHandler nothing() {
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {}
        };
    }

    private static ServiceManager nobody() {
        return new ServiceManager(null, false);
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
     * hangs. Nothing, while systemd takes nothing: until there is a connection, and when 64 kB wait (Netty's usual water mark).
     */
    void tell(RelayStatus status) {
        if (isFull()) {
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

    private synchronized boolean isFull() {
        return connected != null
                && (!connected.isDone()
                        || (connected.channel().isActive()
                                && !connected.channel().isWritable()));
    }

    private @Nullable ChannelFuture send(String message) {
        ChannelFuture to = connected();
        if (to != null && to.isDone()) {
            return send(message, to);
        }
        if (to != null) { // A loop that has no processor for a second still sends: READY=1 is said only once.
            to.addListener(done -> send(message, to));
        }
        return to;
    }

    /** @param to is done */
    private ChannelFuture send(String message, ChannelFuture to) {
        ChannelFuture sent = to.isSuccess()
                ? to.channel().writeAndFlush(Unpooled.copiedBuffer(message, StandardCharsets.UTF_8))
                : to;
        sent.addListener(done -> heard(to.channel(), done.cause()));
        return sent;
    }

    /** As it was for the last message, or anew if that failed: no more than a system call on the loop, unless that hangs. */
    private synchronized @Nullable ChannelFuture connected() {
        if (sockets == null) {
            return null;
        }
        if (connected == null || (connected.isDone() && !connected.channel().isActive())) {
            connected = sockets.connect();
            connected.awaitUninterruptibly(CONNECT_SECONDS, TimeUnit.SECONDS);
        }
        return connected;
    }

    /** @param failure why it was not heard, if so */
    private void heard(Channel by, @Nullable Throwable failure) {
        if (failure != null) {
            told = "";
            if (by.isOpen()) {
                by.close(); // Who comes to listen at the same name is another.
            }
            if (!failing) {
                log.warn("systemd does not hear what it is told: {}", failure.getMessage());
            }
        }
        failing = failure != null;
    }
}
