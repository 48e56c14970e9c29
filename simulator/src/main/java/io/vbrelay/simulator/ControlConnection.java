package io.vbrelay.simulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to the native control port (facts, section b; spec, section 7.3). Both directions send datagrams:
 *
 * <pre>
 * offset 0  n            32-bit words beyond the first 16 bytes, big endian: the whole has 16 + 4n bytes
 *        2  00 00 00
 *        5  id
 *        6  status       bit 15 asks for a value
 *        8  data, 8 + 4n bytes
 * </pre>
 *
 * <p>Every one is answered with the same id, also those whose meaning nobody knows. How a real camera refuses is not known,
 * so who may not move the camera is answered like anybody else, and nothing moves.
 *
 * <p>Written byte by byte, without the client's codec: a mistake there is not to be mirrored here.
 */
final class ControlConnection extends ByteToMessageDecoder implements Operator {
    private static final Logger log = LoggerFactory.getLogger(ControlConnection.class);

    private static final int MIN_BYTES = 16;
    private static final int MIN_DATA_BYTES = 8;

    /** As the known client has it (facts, section b.1). */
    private static final int MAX_EXTRA_WORDS = 1000;

    private static final int LATE_MS = 500;
    private static final int STORM_EVENTS = 100;

    private static final int READ = 0x8000;
    private static final int STOPPED = 0x06E0;
    private static final int PAN = 0x80;
    private static final int TILT = 0x40;
    private static final int ZOOM = 0x20;
    private static final int ALL_AXES = PAN | TILT | ZOOM;

    private static final int LOGIN = 0x02;
    private static final int RIGHT = 0x21;
    private static final int POSITION = 0x33;
    private static final int SPEEDS = 0x3B;
    private static final int JOG = 0x3C;
    private static final int JOG_ZOOM = 0x3D;
    private static final int DIGITAL_ZOOM = 0x88;

    /** What a known client sends (facts, sections b.2 to b.4). */
    private static final Set<Integer> KNOWN_IDS = Set.of(
            0x00, 0x02, 0x03, 0x10, 0x11, 0x20, 0x21, 0x22, 0x31, 0x32, 0x33, 0x34, 0x36, 0x38, 0x3A, 0x3B, 0x3C, 0x3D,
            0x40, 0x43, 0x44, 0x52, 0x53, 0x54, 0x60, 0x61, 0x63, 0x80, 0x82, 0x83, 0x85, 0x86, 0x87, 0x88);

    private final SimulatedCamera camera;
    private final Control control;
    private @Nullable ChannelHandlerContext ctx;
    private boolean loggedIn;

    /** Of the datagram that is being obeyed. */
    private Set<Fault> faults = Set.of();

    ControlConnection(SimulatedCamera camera) {
        this.camera = camera;
        this.control = camera.control();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        ctx = added;
        control.join(this);
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext removed) {
        control.leave(this);
    }

    /** A client that does not read its answers is not listened to either, or they would pile up here. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(context.channel().isWritable());
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        if (in.readableBytes() < 2) {
            return;
        }
        int extraWords = in.getUnsignedShort(in.readerIndex());
        if (extraWords > MAX_EXTRA_WORDS) {
            log.debug("{}: closed, a datagram of {} words", context.channel().remoteAddress(), extraWords);
            in.skipBytes(in.readableBytes());
            context.close();
            return;
        }
        int length = MIN_BYTES + 4 * extraWords;
        if (in.readableBytes() < length) {
            return;
        }
        int start = in.readerIndex();
        int id = in.getUnsignedByte(start + 5);
        int status = in.getUnsignedShort(start + 6);
        byte[] data = ByteBufUtil.getBytes(in, start + 8, length - 8);
        in.skipBytes(length);
        camera.countDatagram();
        if (!camera.isSilent()) {
            faults = camera.faults().strike(Fault.Place.CONTROL);
            if (faults.contains(Fault.RIGHT_TAKEN)) {
                control.arbiter().revoke();
            }
            obey(id, status, data);
        }
    }

    private void obey(int id, int status, byte[] data) {
        boolean isRead = (status & READ) != 0;
        switch (id) {
            case LOGIN -> logIn(data);
            case RIGHT -> takeOrReleaseRight(status);
            default -> {}
        }
        switch (id) {
            case POSITION -> {
                ByteBuffer fields = ByteBuffer.wrap(data);
                if (!isRead && mayOperate()) {
                    control.moveTo(
                            this,
                            (status & PAN) == 0 ? null : fields.getShort(0) / 100.0,
                            (status & TILT) == 0 ? null : fields.getShort(2) / 100.0,
                            (status & ZOOM) == 0 ? null : fields.getShort(4) / 100.0);
                }
                answer(
                        id,
                        isRead ? ALL_AXES : status,
                        isRead ? fields(control.head().position()) : data);
            }
            case SPEEDS -> {
                if (!isRead) {
                    setSpeeds(ByteBuffer.wrap(data));
                }
                answer(id, status, speeds());
            }
            case JOG -> {
                answer(id, status, data);
                if (!isRead && mayOperate()) {
                    // 1 right, 2 left, 4 up, 8 down, or a sum.
                    control.jog(this, direction(data[0], 1, 2), direction(data[0], 4, 8));
                }
            }
            case JOG_ZOOM -> {
                answer(id, status, data);
                if (!isRead && mayOperate()) {
                    // 1 in, which makes the angle of view smaller, 2 out.
                    control.jogZoom(this, direction(data[0], 2, 1));
                }
            }
            default -> {
                if (KNOWN_IDS.contains(id) || control.settings().unknownIds() == ControlSettings.UnknownIds.ECHO) {
                    if (!isRead) {
                        control.remember(id, data);
                    }
                    answer(id, status, isRead ? remembered(id) : data);
                }
            }
        }
    }

    /** {@code flags.4 length.1 credential} (facts, section b.3). */
    private void logIn(byte[] data) {
        Login login = camera.settings().login();
        int length = Math.min(data[4] & 0xFF, data.length - 5);
        loggedIn = login != null && login.accepts(Arrays.copyOfRange(data, 5, 5 + length));
    }

    private void takeOrReleaseRight(int status) {
        if ((status & READ) != 0) {
            return;
        }
        if ((status & 1) == 0) {
            control.arbiter().release(this);
        } else if (isWelcome()) {
            control.arbiter().request(this);
        }
    }

    private boolean isWelcome() {
        Login login = camera.settings().login();
        return login == null || !login.enforced() || loggedIn;
    }

    private boolean mayOperate() {
        return isWelcome() && control.arbiter().mayOperate(this);
    }

    private static int direction(byte bits, int plus, int minus) {
        return ((bits & plus) == 0 ? 0 : 1) - ((bits & minus) == 0 ? 0 : 1);
    }

    private void setSpeeds(ByteBuffer data) {
        Head head = control.head();
        int mask = data.get(6);
        if ((mask & PAN) != 0) {
            head.setPanSpeed((data.getShort(0) & 0xFFFF) / 100.0);
        }
        if ((mask & TILT) != 0) {
            head.setTiltSpeed((data.getShort(2) & 0xFFFF) / 100.0);
        }
        if ((mask & ZOOM) != 0) {
            head.setZoomStep(data.getShort(4));
        }
    }

    private byte[] speeds() {
        Head head = control.head();
        return ByteBuffer.allocate(MIN_DATA_BYTES)
                .putShort((short) Position.hundredths(head.panSpeed()))
                .putShort((short) Position.hundredths(head.tiltSpeed()))
                .putShort((short) head.zoomStep())
                .put((byte) ALL_AXES)
                .array();
    }

    private static byte[] fields(Position position) {
        return ByteBuffer.allocate(MIN_DATA_BYTES)
                .putShort((short) Position.hundredths(position.panDegrees()))
                .putShort((short) Position.hundredths(position.tiltDegrees()))
                .putShort((short) Position.hundredths(position.zoomDegrees()))
                .array();
    }

    /** What a read gives: as it was written, but for the digital zoom, which comes a byte later (facts, section b.4). */
    private byte[] remembered(int id) {
        byte[] data = control.remembered(id);
        if (id == DIGITAL_ZOOM && data.length > 0) {
            return new byte[] {0, data[0]};
        }
        return data;
    }

    @Override
    public int priority() {
        return 0;
    }

    // What a real camera tells on this port when the right comes or goes is not known, so it is nothing here.
    @Override
    public void onGranted(long limitMs) {}

    @Override
    public void onWaiting(long waitMs) {}

    @Override
    public void onRefused() {}

    @Override
    public void onLost() {}

    @Override
    public void onStopped(Position position, boolean own) {
        if (own && control.settings().moveDoneEvent()) {
            send(POSITION, STOPPED, fields(position));
        }
    }

    private void answer(int id, int status, byte[] data) {
        if (faults.contains(Fault.OTHER_ECHO_FIRST)) {
            send(id ^ 1, status & ~READ, data);
        }
        for (int i = 0; i < (faults.contains(Fault.EVENT_STORM) ? STORM_EVENTS : 0); i++) {
            send(POSITION, STOPPED, fields(control.head().position()));
        }
        if (faults.contains(Fault.LATE_ECHO)) {
            Objects.requireNonNull(ctx)
                    .executor()
                    .schedule(() -> send(id, status & ~READ, data), LATE_MS, TimeUnit.MILLISECONDS);
        } else if (!faults.contains(Fault.NO_ECHO)) {
            send(id, status & ~READ, data);
        }
    }

    private void send(int id, int status, byte[] data) {
        ChannelHandlerContext to = Objects.requireNonNull(ctx);
        int dataBytes = Math.max(MIN_DATA_BYTES, (data.length + 3) & ~3);
        ByteBuf out = to.alloc().buffer(8 + dataBytes);
        out.writeShort((dataBytes - MIN_DATA_BYTES) / 4)
                .writeZero(3)
                .writeByte(id)
                .writeShort(status);
        out.writeBytes(data).writeZero(dataBytes - data.length);
        to.writeAndFlush(out);
    }
}
