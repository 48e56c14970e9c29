package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.vbrelay.camera.codec.GramDecoder;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of firmware is spoken to, as data (spec, section 1; how each value is known: docs/camera-protocol.md).
 *
 * @param name what {@code dialect=} in a camera's address says
 */
public record Dialect(String name, Text text, Binary binary, Control control) {
    /** Logs in when a user is given; byte for byte what a field-used client of the VB-C50i sends. */
    public static final Dialect CANON_NATIVE = new Dialect(
            "canon-native",
            Text.of(
                    new TextStep("VERSION", Sent.ALWAYS, Reply.STATUS),
                    new TextStep("SUPER {cred}", Sent.WITH_USER, Reply.NONE),
                    new TextStep("SET Mode Administrator", Sent.WITH_USER, Reply.NONE),
                    new TextStep("GET MUXCONF", Sent.ALWAYS, Reply.ANY),
                    new TextStep("START", Sent.ALWAYS, Reply.NONE)),
            Binary.of(
                    "8500000000000000",
                    "8c00000000000004030a0b0e",
                    "8d00000000000000",
                    "8700000000000000",
                    "910000000000000400000000"),
            Control.MINIMAL);

    /** Asks for nothing but pictures. */
    public static final Dialect CANON_NATIVE_GUEST = new Dialect(
            "canon-native-guest",
            Text.of(
                    new TextStep("VERSION", Sent.ALWAYS, Reply.STATUS),
                    new TextStep("GET MUXCONF", Sent.ALWAYS, Reply.ANY),
                    new TextStep("START", Sent.ALWAYS, Reply.NONE)),
            Binary.of(),
            Control.MINIMAL);

    /** What {@code dialect=} says when it is to be found out. */
    static final String AUTO = "auto";

    private static final List<Dialect> ALL = List.of(CANON_NATIVE, CANON_NATIVE_GUEST);

    /** When a line is sent. */
    public enum Sent {
        ALWAYS,
        WITH_USER
    }

    /** What is waited for behind a line. */
    public enum Reply {
        NONE,
        ANY,
        /** A reply that starts with 1, as in 100; another is logged and accepted. */
        STATUS
    }

    /**
     * A line of the dialogue.
     *
     * @param line ASCII without its end; {@code {cred}} stands for the masked credentials
     */
    public record TextStep(String line, Sent sent, Reply reply) {}

    /**
     * The dialogue that comes first.
     *
     * @param replyEnd ends a reply; so does {@code replyQuiet} of silence, and {@code maxReplyBytes}
     * @param credentialMask every byte of {@code user:password} is sent XOR this
     */
    public record Text(
            List<TextStep> steps,
            byte lineEnd,
            byte replyEnd,
            Duration replyQuiet,
            int maxReplyBytes,
            byte credentialMask) {
        public Text {
            steps = List.copyOf(steps);
        }

        static Text of(TextStep... steps) {
            return new Text(List.of(steps), (byte) '\n', (byte) 0, Duration.ofMillis(100), 12_000, (byte) 0x7F);
        }

        /** The bytes of a line, its end included. */
        byte[] line(TextStep step, @Nullable Login login) {
            byte[] credentials = (login == null ? ":" : login.credentials()).getBytes(UTF_8);
            for (int i = 0; i < credentials.length; i++) {
                credentials[i] ^= credentialMask;
            }
            // ISO 8859-1 keeps every byte as it is.
            String line = step.line().replace("{cred}", new String(credentials, ISO_8859_1)) + (char) lineEnd;
            return line.getBytes(ISO_8859_1);
        }
    }

    /**
     * The messages that follow. All messages to be sent are hexadecimal, header included.
     *
     * @param frameIds messages whose payload is a picture
     * @param init sent first, each followed by at most {@code initWait} for one message
     * @param setSize {@code {w16}} and {@code {h16}} stand for width and height
     * @param request asks for one picture
     */
    public record Binary(
            Set<Integer> frameIds,
            int maxFrameBytes,
            int maxOtherBytes,
            List<String> init,
            Duration initWait,
            String setSize,
            String request) {
        public Binary {
            frameIds = Set.copyOf(frameIds);
            init = List.copyOf(init);
        }

        static Binary of(String... init) {
            return new Binary(
                    Set.of(0x02),
                    GramDecoder.MAX_FRAME_BYTES,
                    GramDecoder.MAX_OTHER_BYTES,
                    List.of(init),
                    Duration.ofMillis(100),
                    "8800000000000004{w16}{h16}",
                    "8500000000000000");
        }

        byte[] sizeRequest(PictureSize size) {
            return HexFormat.of()
                    .parseHex(setSize.replace("{w16}", "%04x".formatted(size.width()))
                            .replace("{h16}", "%04x".formatted(size.height())));
        }
    }

    /** How the control right is asked for (spec, section 6). */
    public enum ControlLogin {
        /** Not at all: commands only. */
        NONE,
        /** One message, whose answer is not insisted on. */
        MINIMAL,
        /** The whole start-up sequence of a field-used client, with user and password. */
        FULL
    }

    /**
     * The native control port.
     *
     * @param port when the address names none
     * @param credentialXor every byte of {@code user:password} is sent XOR this, 0 to 255
     * @param replyTimeout how long a command's answer is waited for
     * @param stepTimeout the same, for each message of the full login but the first
     */
    public record Control(
            int port, ControlLogin login, int credentialXor, Duration replyTimeout, Duration stepTimeout) {
        static final Control MINIMAL =
                new Control(65_311, ControlLogin.MINIMAL, 0x7F, Duration.ofSeconds(1), Duration.ofMillis(100));
    }

    /**
     * Looks a dialect up.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public static Dialect named(String name) {
        return ALL.stream()
                .filter(dialect -> dialect.name.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("dialect: expected "
                        + String.join(" or ", ALL.stream().map(Dialect::name).toList()) + ", got '" + name + "'"));
    }
}
