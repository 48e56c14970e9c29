package io.vbrelay.camera.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.LeakPresenceDetector;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.control.PtzCommand.Direction;
import io.vbrelay.camera.control.PtzCommand.Focus;
import io.vbrelay.camera.control.PtzCommand.ZoomDirection;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The control port's messages, against the vectors of the spec's section 10 and the facts' section b. */
class DatagramCodecTest {
    private static final String LOGIN = "0003000000020000900000000c0d10100b45293d523c4a4f16000000";
    private static final String STOPPED = "00000000003306e000000000101e0000";
    private static final byte[] STREAM = HexFormat.of().parseHex(STOPPED + LOGIN + STOPPED);

    private final EmbeddedChannel channel = new EmbeddedChannel(new DatagramCodec());

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    static Stream<Arguments> vectors() {
        return Stream.of(
                vector("00000000002100010000000000000000", NativeCommands.TAKE_CONTROL),
                vector("00000000002100000000000000000000", NativeCommands.GIVE_CONTROL_BACK),
                vector("00000000003300e0426803e9101e0000", NativeCommands.goTo(new PtzPosition(170, 10.01, 41.26))),
                vector("00000000003300e000000000101e0000", NativeCommands.goTo(new PtzPosition(0, 0, 41.26))),
                vector("00000000003300e0bd98dcd800c50000", NativeCommands.goTo(new PtzPosition(-170, -90, 1.97))),
                vector("00000000003300e0ffffffff101e0000", NativeCommands.goTo(new PtzPosition(-0.01, -0.01, 41.26))),
                vector("00000000003380000000000000000000", NativeCommands.READ_POSITION),
                vector("00000000003c00000100000000000000", jog(Direction.RIGHT)),
                vector("00000000003c00000200000000000000", jog(Direction.LEFT)),
                vector("00000000003c00000400000000000000", jog(Direction.UP)),
                vector("00000000003c00000800000000000000", jog(Direction.DOWN)),
                vector("00000000003c00000500000000000000", jog(Direction.UP_RIGHT)),
                vector("00000000003c00000600000000000000", jog(Direction.UP_LEFT)),
                vector("00000000003c00000900000000000000", jog(Direction.DOWN_RIGHT)),
                vector("00000000003c00000a00000000000000", jog(Direction.DOWN_LEFT)),
                vector("00000000003d00000100000000000000", new PtzCommand.Jog(null, ZoomDirection.IN)),
                vector("00000000003d00000200000000000000", new PtzCommand.Jog(null, ZoomDirection.OUT)),
                vector("00000000003b0000088406630007e000", new PtzCommand.Speed(21.8, 16.35, 7)),
                vector("00000000003b0000022101980000e000", new PtzCommand.Speed(5.45, 4.08, 0)),
                vector("00000000003b00000000066300004000", new PtzCommand.Speed(null, 16.35, null)),
                vector(LOGIN, NativeCommands.login(new Login("root", "VB-C50i"), 0x7F)),
                vector("0002000000820000e0000000000000070000006400000080", new PtzCommand.ManualExposure(7, 100, 128)),
                vector("00000000008200000000000000000000", new PtzCommand.AutoExposure()),
                vector("00000000008500000100000000000000", new PtzCommand.Night(true)),
                vector("00000000008600000000000000000000", new PtzCommand.Infrared(false)),
                vector("00000000008700000120000000000000", new PtzCommand.Brightness(0)),
                vector("00000000008700000240000000000000", new PtzCommand.Brightness(4)),
                vector("00000000004000000200000000000000", Focus.INFINITY),
                vector("00000000004300000100000000000000", Focus.FAR));
    }

    private static PtzCommand jog(Direction direction) {
        return new PtzCommand.Jog(direction, null);
    }

    private static Arguments vector(String hex, Object message) {
        return Arguments.of(
                hex,
                message instanceof PtzCommand command
                        ? NativeCommands.of(command).get(0)
                        : message);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("vectors")
    void everyMessageIsWrittenAsTheVectorSays(String hex, Datagram datagram) {
        channel.writeOutbound(datagram);

        assertThat(written()).isEqualTo(hex);
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("vectors")
    void everyMessageIsReadAsItWasWritten(String hex, Datagram datagram) {
        channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));

        Datagram read = channel.readInbound();
        channel.writeOutbound(read);
        assertThat(written()).isEqualTo(hex);
        assertThat(read).hasToString(datagram.toString());
    }

    @Test
    void stopIsSaidToHeadAndZoom() {
        List<Datagram> stop = NativeCommands.of(new PtzCommand.Stop());

        assertThat(stop)
                .map(Datagram::toString)
                .containsExactly("3c/0000 0000000000000000", "3d/0000 0000000000000000");
    }

    @Test
    void eventThatTheHeadStandsTellsWhere() {
        channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(STOPPED)));

        Datagram event = channel.readInbound();
        assertThat(NativeCommands.isStopEvent(event)).isTrue();
        assertThat(NativeCommands.position(event)).hasValue(new PtzPosition(0, 0, 41.26));
    }

    @Test
    void wholeOpeningHas34MessagesAndAGuestsOneLess() {
        List<Datagram> opening = NativeCommands.opening(new Login("root", "VB-C50i"), 0x7F);

        assertThat(opening).hasSize(34);
        assertThat(opening.get(0)).hasToString("00/8000 0000000000000000");
        assertThat(opening.get(5)).hasToString("52/0000 040904b000000000");
        assertThat(opening.get(33)).hasToString("40/8000 0000000000000000");
        assertThat(NativeCommands.opening(null, 0x7F)).hasSize(33);
    }

    @Test
    void loginShowsNoPassword() {
        assertThat(NativeCommands.login(new Login("root", "hunt3r"), 0x7F)).hasToString("02/0000 ***");
    }

    static IntStream everyOffset() {
        return IntStream.rangeClosed(0, STREAM.length);
    }

    @ParameterizedTest(name = "cut after {0} bytes")
    @MethodSource("everyOffset")
    void messagesArriveWholeWhereverTheStreamIsCut(int cut) {
        channel.writeInbound(Unpooled.copiedBuffer(STREAM, 0, cut));
        int complete = (cut >= 16 ? 1 : 0) + (cut >= 44 ? 1 : 0) + (cut >= 60 ? 1 : 0);
        assertThat(channel.inboundMessages()).hasSize(complete);

        channel.writeInbound(Unpooled.copiedBuffer(STREAM, cut, STREAM.length - cut));
        assertThat(channel.inboundMessages())
                .map(Object::toString)
                .containsExactly("33/06e0 00000000101e0000", "02/0000 ***", "33/06e0 00000000101e0000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"03e9", "ffff"})
    void lengthBeyondTheLimitIsRefusedBeforeAnythingIsAwaited(String length) {
        ByteBuf start = Unpooled.wrappedBuffer(HexFormat.of().parseHex(length));

        assertThatThrownBy(() -> channel.writeInbound(start))
                .isInstanceOf(CorruptedFrameException.class)
                .hasMessageEndingWith("words exceeds 1000");
        channel.writeInbound(Unpooled.wrappedBuffer(HexFormat.of().parseHex(STOPPED)));
        assertThat(channel.inboundMessages()).isEmpty();
    }

    @Test
    void longestMessageIsRead() {
        byte[] longest = new byte[4016];
        longest[0] = 0x03;
        longest[1] = (byte) 0xE8;
        longest[5] = 0x61;
        channel.writeInbound(Unpooled.wrappedBuffer(longest));

        assertThat((Datagram) channel.readInbound()).hasToString("61/0000 " + "00".repeat(4008));
        assertThatIllegalArgumentException().isThrownBy(() -> new Datagram(1, 0, new byte[4009]));
    }

    @Test
    void positionThatNoHeadHasIsNone() {
        Datagram nonsense = new Datagram(0x33, 0x06E0, (byte) 0x7F, (byte) 0xFF);

        assertThat(NativeCommands.position(nonsense)).isEmpty();
        assertThat(NativeCommands.position(new Datagram(0x33, 0x0080))).isEmpty();
    }

    private String written() {
        ByteBuf bytes = channel.readOutbound();
        try {
            return ByteBufUtil.hexDump(bytes);
        } finally {
            bytes.release();
        }
    }
}
