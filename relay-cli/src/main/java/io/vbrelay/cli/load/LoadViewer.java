package io.vbrelay.cli.load;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.epoll.LinuxSocket;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * One viewer of a load: a connection, the answer to its request, and the check of its stream.
 *
 * <p>It is no Netty channel: a pipeline, a buffer and an event for each read cost about a tenth more (8.1 to 9.4 us a read against 7.3 to
 * 7.9 us, 3000 viewers on a busy machine). What is left is the readiness that the event loop tells, and one read into a buffer that all
 * viewers share.
 *
 * <p><b>Threads.</b> The load's event loop.
 *
 * <p><b>Ownership.</b> The socket is its own, from construction to {@link #close}.
 */
final class LoadViewer implements EpollIoHandle {
    /** How it reads. */
    enum Kind {
        GOOD,
        SLOW,
        STALLED
    }

    private enum State {
        CONNECTING,
        HEAD,
        STREAM,
        REFUSED,
        CLOSED
    }

    /** As much as the kernel may take off a viewer's hands who does not read; Linux doubles it (socket(7)). */
    private static final int SMALL_RECEIVE_BYTES = 16 << 10;

    /** Read at a time by those who shall leave the stream where it is, until its head is over. */
    private static final int HEAD_BYTES = 512;

    private static final int LONGEST_REFUSAL = 8 << 10;

    private static final JsonMapper JSON = new JsonMapper();

    // ip(7): a port is chosen when the connection is made, so that it may be one that another source uses.
    private static final int IPPROTO_IP = 0;
    private static final int IP_BIND_ADDRESS_NO_PORT = 24;

    private final Load load;
    private final Kind kind;
    private final long startNs;
    private final LinuxSocket socket;
    private @Nullable IoRegistration registration;

    private State state = State.CONNECTING;
    private ResponseHead.@Nullable Reader head = new ResponseHead.Reader();
    private @Nullable StreamCheck check;
    private final StringBuilder refusal = new StringBuilder(0);
    private int status;
    private long answeredNs;
    private long firstByteNs;
    private long firstKeyframeNs;
    private long closedNs;
    private double tokens;

    private long bytes;
    private boolean inWindow;
    private long bytesBefore;
    private long windowBytes;
    private long lastNs;
    private long gapNs;

    /**
     * Makes its socket; {@link #connect} uses it.
     *
     * @throws IOException if there is no more socket to be had
     */
    LoadViewer(Load load, Kind kind, InetSocketAddress server) throws IOException {
        this.load = load;
        this.kind = kind;
        startNs = System.nanoTime();
        try {
            socket = LinuxSocket.newSocketStream(server.getAddress().getAddress().length > 4);
        } catch (RuntimeException e) { // Netty's ChannelException around what the system said.
            throw new IOException(e.getMessage(), e);
        }
    }

    /**
     * Asks for a connection.
     *
     * @param source to come from; null leaves it to the system
     */
    void connect(IoEventLoop loop, InetSocketAddress server, @Nullable InetAddress source) {
        try {
            if (kind != Kind.GOOD) {
                socket.setReceiveBufferSize(SMALL_RECEIVE_BYTES);
            }
            if (source != null) {
                socket.setIntOpt(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
                socket.bind(new InetSocketAddress(source, 0));
            }
            socket.connect(server);
            // On the event loop this is done at once.
            registration = loop.register(this).getNow();
            await(EpollIoOps.EPOLLOUT);
        } catch (IOException e) {
            end(e);
        }
    }

    private void await(EpollIoOps ops) {
        if (registration != null) {
            registration.submit(ops);
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket;
    }

    @Override
    public void handle(IoRegistration from, IoEvent event) {
        try {
            switch (state) {
                case CONNECTING -> {
                    if (socket.finishConnect()) {
                        load.request(socket);
                        state = State.HEAD;
                        await(EpollIoOps.EPOLLIN);
                    }
                }
                case HEAD -> read(kind == Kind.GOOD ? Load.READ_BYTES : HEAD_BYTES);
                case REFUSED -> read(Load.READ_BYTES);
                case STREAM -> {
                    if (kind == Kind.GOOD) {
                        read(Load.READ_BYTES);
                    } else {
                        end(null); // They wait for nothing but an end.
                    }
                }
                case CLOSED -> {}
            }
        } catch (IOException e) {
            end(e);
        }
    }

    /** Lets a slow viewer read as much as it may after so much more time; it saves up no more than a second's worth. */
    void pace(double bytesPerSecond, double seconds) {
        tokens = Math.min(tokens + bytesPerSecond * seconds, Math.max(bytesPerSecond, 1));
        try {
            int got = 1;
            while (state == State.STREAM && tokens >= 1 && got > 0) {
                got = read((int) Math.min(tokens, Load.READ_BYTES));
                tokens -= got;
            }
        } catch (IOException e) {
            end(e);
        }
    }

    /** The bytes read; none at the end. */
    private int read(int most) throws IOException {
        ByteBuffer received = load.receive(socket, most);
        if (received == null) {
            end(null);
            return 0;
        }
        int got = received.remaining();
        if (got > 0) {
            take(received, System.nanoTime());
        }
        return got;
    }

    private void take(ByteBuffer received, long nowNs) throws NotHttpException {
        if (head != null) {
            ResponseHead complete = head.take(received);
            if (complete == null) {
                return;
            }
            head = null;
            answered(complete, nowNs);
        }
        if (state == State.STREAM && received.hasRemaining()) {
            takeStream(received, nowNs);
        } else if (refusal.length() + received.remaining() <= LONGEST_REFUSAL) {
            refusal.append(StandardCharsets.ISO_8859_1.decode(received));
        }
    }

    private void answered(ResponseHead answer, long nowNs) {
        status = answer.status();
        answeredNs = nowNs;
        lastNs = nowNs;
        load.answered();
        if (status != ResponseHead.OK) {
            state = State.REFUSED;
            return;
        }
        state = State.STREAM;
        if (load.isMeasuring()) {
            beginWindow(nowNs);
        }
        check = StreamCheck.of(answer.contentType());
        switch (kind) {
            case GOOD -> {}
            case SLOW -> await(EpollIoOps.NONE); // Is paced; errors are told nonetheless (epoll_ctl(2)).
            case STALLED -> await(EpollIoOps.EPOLLRDHUP);
        }
    }

    private void takeStream(ByteBuffer received, long nowNs) {
        bytes += received.remaining();
        if (firstByteNs == 0) {
            firstByteNs = nowNs;
        }
        if (inWindow) {
            gapNs = Math.max(gapNs, nowNs - lastNs);
        }
        lastNs = nowNs;
        if (check != null) {
            check.take(received);
            if (firstKeyframeNs == 0 && check.keyframes() > 0) {
                firstKeyframeNs = nowNs;
            }
        }
    }

    /** From now on bytes and gaps are those of the window. */
    void beginWindow(long nowNs) {
        inWindow = true;
        bytesBefore = bytes;
        lastNs = nowNs;
    }

    void endWindow(long nowNs) {
        if (inWindow) {
            inWindow = false;
            windowBytes = bytes - bytesBefore;
            gapNs = Math.max(gapNs, nowNs - lastNs);
        }
    }

    private void end(@Nullable IOException cause) {
        if (state == State.CLOSED) {
            return;
        }
        boolean wasAnswered = status != 0;
        close();
        load.ended(wasAnswered ? null : cause == null ? new IOException("closed without an answer") : cause);
    }

    /** Ends the connection, if it has not ended. */
    @Override
    public void close() {
        if (state == State.CLOSED) {
            return;
        }
        state = State.CLOSED;
        closedNs = System.nanoTime();
        if (registration != null) {
            registration.cancel();
        }
        try {
            socket.close();
        } catch (IOException e) {
            // It is gone either way.
        }
    }

    Kind kind() {
        return kind;
    }

    /** Of the answer; 0 without one. */
    int status() {
        return status;
    }

    boolean isStreaming() {
        return state == State.STREAM;
    }

    /** The name of the limit that the refusal tells; null if it tells none. */
    @Nullable
    String refusedBy() {
        try {
            JsonNode limit = JSON.readTree(refusal.toString()).get("limit");
            return limit == null ? null : limit.textValue();
        } catch (IOException e) {
            return null; // Another server's words.
        }
    }

    /** Of the stream, so far. */
    long bytes() {
        return bytes;
    }

    long windowBytes() {
        return windowBytes;
    }

    long gapNs() {
        return gapNs;
    }

    /** From before the connection was asked for; 0 if there was none. */
    long firstByteAfterNs() {
        return firstByteNs == 0 ? 0 : firstByteNs - startNs;
    }

    long firstKeyframeAfterNs() {
        return firstKeyframeNs == 0 ? 0 : firstKeyframeNs - startNs;
    }

    /** From the answer on, of a stream that has ended. */
    long closedAfterNs() {
        return closedNs - answeredNs;
    }

    /** Null when the content type is none that is known, or there was no answer. */
    @Nullable
    StreamCheck check() {
        return check;
    }
}
