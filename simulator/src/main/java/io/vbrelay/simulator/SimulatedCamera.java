package io.vbrelay.simulator;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.util.NetUtil;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.camera.session.Direction;
import io.vbrelay.camera.session.SessionRecord;
import io.vbrelay.camera.session.SessionRecorder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A camera that needs no hardware: a moving chart, pictures or a captured session, on all the ports of a real one, with faults.
 *
 * <pre>
 * Scene (own thread: draws and encodes each picture once) ◄── where it looks ── Control: Head, Arbiter
 *   │ pictures                                                                     ▲           ▲
 * newest picture of each size         event loop, one for all connections          │           │
 *   │                                                                              │           │
 * PictureFeed, with Faults                                                         │           │
 *   ├── TextPhase, then GramDecoder and BinaryPhase, or RawPhase; or Replay        │           │     video port
 *   ├── HttpRequestReader, HttpConnection: WvHttp, streams, SimulatorApi ──────────┘           │     HTTP port
 *   ├── nothing else                                                                           │     push port
 *   └── ControlConnection has no pictures ─────────────────────────────────────────────────────┘     control port
 * </pre>
 *
 * <p><b>Threads.</b> Public methods may be called from any thread but the camera's own. Package-private ones are called on
 * the event loop.
 */
public final class SimulatedCamera implements AutoCloseable {
    /**
     * How long {@link #close} waits for the event loop and for recordings, each: longer than a busy machine takes, and shorter than
     * systemd waits for a service that has one of these (TimeoutStopSec in conf/vbrelay.service).
     */
    private static final long CLOSE_TIMEOUT_MS = 10_000;

    /** On all ports together; each port's own limits are lower, where it has any. One more is closed. */
    static final int MAX_CONNECTIONS = 1000;

    private static final Logger log = LoggerFactory.getLogger(SimulatedCamera.class);

    private static final DateTimeFormatter RECORDING_TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);

    private final Instant startTime = Instant.now();
    private final SimulatorSettings settings;
    private final InetAddress host;
    private final Consumer<Picture> onSending;
    private final @Nullable List<List<SessionRecord>> replay;
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = loops.next();
    private final Faults faults;
    private final Control control;
    private final Scene scene;
    private final Channel video;
    private final Channel controlPort;
    private final Channel http;
    private final Channel push;
    private final HttpLogin httpLogin = new HttpLogin();
    private final WvHttp wvHttp;
    private final List<Channel> servers = new ArrayList<>();
    private final Set<SessionRecorder> recordings = ConcurrentHashMap.newKeySet();

    // Written on the event loop only
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong frames = new AtomicLong();
    private final AtomicLong datagrams = new AtomicLong();
    private final AtomicLong httpRequests = new AtomicLong();
    private final AtomicInteger open = new AtomicInteger();

    // Event loop
    private final Set<Channel> connections = new HashSet<>();
    private final Map<Channel, PictureSize> watched = new HashMap<>();
    private Map<PictureSize, Picture> newest = Map.of();
    private boolean silent;
    private int nextConnection;
    private boolean playOnce;
    private boolean played;

    private SimulatedCamera(
            SimulatorSettings settings,
            InetAddress host,
            Consumer<Picture> onSending,
            List<byte[]> files,
            @Nullable List<List<SessionRecord>> replay)
            throws IOException {
        this.settings = settings;
        this.host = host;
        this.onSending = onSending;
        this.faults = new Faults(settings.faults(), settings.seed());
        this.replay = replay;
        Head head = new Head(settings.chart().model());
        this.control = new Control(settings.control(), head, loop);
        this.wvHttp = new WvHttp(this, control, loop);
        this.scene = Scene.start(
                settings.chart(),
                files,
                head,
                pictures -> loop.submit(() -> show(pictures)).sync());
        try {
            this.video = bind(settings.ports().video(), this::acceptVideo);
            this.controlPort = bind(settings.ports().control(), this::acceptControl);
            this.http = bind(settings.ports().http(), this::acceptHttp);
            this.push = bind(settings.ports().push(), this::acceptPush);
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    /** As {@link #start(SimulatorSettings, Consumer)}, for who need not know the pictures. */
    public static SimulatedCamera start(SimulatorSettings settings) throws IOException {
        return start(settings, picture -> {});
    }

    /**
     * Starts a camera, which listens when this returns.
     *
     * @param onSending told of each picture just before it is sent to a client, on the camera's event loop: the file as it
     *     was before any fault. Not told what a replay sends.
     * @throws IOException in one line: an address can't be listened on, the replay or the pictures can't be read
     */
    public static SimulatedCamera start(SimulatorSettings settings, Consumer<Picture> onSending) throws IOException {
        if (settings.recordTo() != null && !Files.isDirectory(settings.recordTo())) {
            throw new IOException("recordTo: expected a folder that exists, got '" + settings.recordTo() + "'");
        }
        InetAddress host;
        try {
            host = InetAddress.getByName(settings.host());
        } catch (UnknownHostException e) {
            throw new IOException("host: no such host '" + settings.host() + "'", e);
        }
        List<byte[]> files = settings.pictures() == null ? List.of() : PictureFolder.load(settings.pictures());
        List<List<SessionRecord>> replay = settings.replay() == null ? null : Replay.load(settings.replay());
        return new SimulatedCamera(settings, host, onSending, files, replay);
    }

    /** The native video port. */
    public InetSocketAddress address() {
        return (InetSocketAddress) video.localAddress();
    }

    /** The native control port. */
    public InetSocketAddress controlAddress() {
        return (InetSocketAddress) controlPort.localAddress();
    }

    /** WV-HTTP, other HTTP streams and the simulator's own API. */
    public InetSocketAddress httpAddress() {
        return (InetSocketAddress) http.localAddress();
    }

    /** The port that pours bare JPEG files. */
    public InetSocketAddress pushAddress() {
        return (InetSocketAddress) push.localAddress();
    }

    /** Where the camera looks just now. */
    public Position position() {
        return control.head().position();
    }

    /** Whether somebody has taken the right to move the camera, and has not given it back. */
    public boolean isControlHeld() {
        return ask(() -> control.arbiter().isHeld());
    }

    public SimulatorCounts counts() {
        return new SimulatorCounts(
                accepted.get(),
                refused.get(),
                open.get(),
                requests.get(),
                frames.get(),
                faults.struck(),
                datagrams.get(),
                httpRequests.get());
    }

    /** From now on nothing is sent to anybody; connections stay, and are accepted. In force when this returns. */
    public void silence() {
        onLoop(() -> silent = true);
    }

    /** Ends {@link #silence} and every {@link Fault#STALL}: requests that wait are answered. Text replies are lost. */
    public void resume() {
        onLoop(() -> {
            silent = false;
            tellConnections(SimulatorEvent.RESUMED);
        });
    }

    /**
     * From now on the replay is played once: when its last connection has begun, the port is closed. Otherwise it begins
     * anew with the connection after its last one. In force when this returns.
     */
    public void playOnce() {
        onLoop(() -> playOnce = true);
    }

    /** Puts these rules in the place of all others. In force when this returns. */
    public void inject(FaultRule... rules) {
        onLoop(() -> faults.inject(List.of(rules)));
    }

    /** Closes the ports and every connection, at once unless the machine is busy. A new camera can have the ports then. */
    @Override
    public void close() {
        scene.close();
        if (!loop.isShuttingDown()) {
            onLoop(() -> {
                servers.forEach(Channel::close);
                List.copyOf(connections).forEach(Channel::close);
            });
        }
        awaitRecordings();
        loops.shutdownGracefully(0, CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
                .awaitUninterruptibly(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    Control control() {
        return control;
    }

    WvHttp wvHttp() {
        return wvHttp;
    }

    HttpLogin httpLogin() {
        return httpLogin;
    }

    SimulatorSettings settings() {
        return settings;
    }

    boolean isSilent() {
        return silent;
    }

    Faults faults() {
        return faults;
    }

    /** From now on pictures of this size are drawn for a connection, and no others. */
    void watch(Channel connection, PictureSize size) {
        watched.put(connection, size);
        scene.want(Set.copyOf(watched.values()));
    }

    void unwatch(Channel connection) {
        watched.remove(connection);
        scene.want(Set.copyOf(watched.values()));
        if (watched.isEmpty()) {
            // It would be old when the next client comes.
            newest = Map.of();
        }
    }

    /** The newest picture of a size, or null when none was drawn yet. */
    @Nullable
    Picture newest(PictureSize size) {
        return newest.get(size);
    }

    long framePeriodNs() {
        return (long) (1e9 / settings.chart().fps());
    }

    void countRequest() {
        requests.incrementAndGet();
    }

    void countDatagram() {
        datagrams.incrementAndGet();
    }

    void countHttpRequest() {
        httpRequests.incrementAndGet();
    }

    void sending(Picture picture) {
        frames.incrementAndGet();
        onSending.accept(picture);
    }

    private Channel bind(int port, Consumer<SocketChannel> onAccepted) throws IOException {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        if (connections.size() < MAX_CONNECTIONS) {
                            onAccepted.accept(channel);
                        } else {
                            channel.close();
                        }
                    }
                });
        ChannelFuture bound = bootstrap.bind(host, port).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            String where = settings.host() + ":" + port;
            throw new IOException(
                    "camera cannot listen on " + where + ": " + bound.cause().getMessage(), bound.cause());
        }
        servers.add(bound.channel());
        return bound.channel();
    }

    private void acceptVideo(SocketChannel channel) {
        if (open.get() >= settings.video().maxClients() || played) {
            turnAway(channel);
            return;
        }
        long number = accepted.incrementAndGet();
        open.incrementAndGet();
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        if (!settings.video().idleTimeout().isZero()) {
            channel.pipeline()
                    .addLast(new ReadTimeoutHandler(
                            settings.video().idleTimeout().toMillis(), TimeUnit.MILLISECONDS));
        }
        if (settings.recordTo() != null) {
            record(channel, settings.recordTo().resolve(recordingName(number)));
        }
        channel.pipeline().addLast(replay == null ? new TextPhase(this) : new Replay(this, nextConnection(replay)));
        connected(channel);
    }

    private void turnAway(SocketChannel channel) {
        refused.incrementAndGet();
        switch (settings.video().overload()) {
            case REFUSE -> {
                // Reset, not closed: the client is to see that it was refused.
                channel.config().setSoLinger(0);
                channel.close();
            }
            case ACCEPT_AND_CLOSE -> channel.close();
            case ACCEPT_AND_STALL -> connected(channel);
        }
    }

    private void acceptControl(SocketChannel channel) {
        channel.pipeline().addLast(new ControlConnection(this));
        connected(channel);
    }

    private void acceptHttp(SocketChannel channel) {
        channel.pipeline().addLast(new HttpRequestReader()).addLast(new HttpConnection(this));
        connected(channel);
    }

    private void acceptPush(SocketChannel channel) {
        channel.pipeline()
                .addLast(PictureFeed.unasked(
                        this,
                        settings.chart().size(),
                        PictureMessage::bare,
                        Long.MAX_VALUE,
                        Double.POSITIVE_INFINITY,
                        Fault.Place.PICTURE));
        connected(channel);
    }

    private void connected(SocketChannel channel) {
        connections.add(channel);
        channel.closeFuture().addListener(closed -> connections.remove(channel));
        channel.pipeline().addLast(new LastResort());
    }

    /** As {@code session-20261121T044100-1.vbsession}: the next start of the camera writes others. */
    private String recordingName(long connection) {
        return "session-" + RECORDING_TIME.format(startTime) + "-" + connection + ".vbsession";
    }

    private List<SessionRecord> nextConnection(List<List<SessionRecord>> session) {
        List<SessionRecord> connection = session.get(nextConnection);
        nextConnection = (nextConnection + 1) % session.size();
        if (playOnce && nextConnection == 0) {
            played = true;
            video.close();
        }
        return connection;
    }

    private void record(SocketChannel channel, Path file) {
        SessionRecorder recorder = new SessionRecorder(
                file, "vbc10://" + NetUtil.toSocketAddressString(address()), new byte[0], Direction.TO_CAMERA);
        recordings.add(recorder);
        recorder.done().whenComplete((ok, failure) -> recordings.remove(recorder));
        channel.pipeline().addLast(recorder.tap());
        channel.closeFuture().addListener(closed -> recorder.close());
    }

    private void show(List<Picture> pictures) {
        if (watched.isEmpty()) {
            return;
        }
        newest = pictures.stream().collect(Collectors.toUnmodifiableMap(Picture::size, picture -> picture));
        tellConnections(SimulatorEvent.PICTURES_DRAWN);
    }

    private void tellConnections(SimulatorEvent event) {
        // A copy: a connection may be closed by what it is told.
        List.copyOf(connections).forEach(connection -> connection.pipeline().fireUserEventTriggered(event));
    }

    private void awaitRecordings() {
        CompletableFuture<?>[] done =
                recordings.stream().map(SessionRecorder::done).toArray(CompletableFuture[]::new);
        try {
            CompletableFuture.allOf(done).get(CLOSE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            // The recorder has logged it.
        } catch (TimeoutException e) {
            log.warn("recordings are still being written after {} ms", CLOSE_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void onLoop(Runnable change) {
        ask(Executors.callable(change, true));
    }

    private <T> T ask(Callable<T> question) {
        try {
            return loop.inEventLoop() ? question.call() : loop.submit(question).get();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Last in every pipeline. */
    private static final class LastResort extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            log.debug("{}: closed: {}", ctx.channel().remoteAddress(), cause.toString());
            ctx.close();
        }
    }
}
