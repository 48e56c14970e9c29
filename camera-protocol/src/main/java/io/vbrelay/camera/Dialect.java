package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vbrelay.camera.codec.GramLayout;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How one kind of firmware is spoken to, as data: what dialects.yaml and an owner's own file say (docs/dialects.md explains
 * the keys, docs/camera-protocol.md how each value is known).
 *
 * <p>What is sent is hexadecimal, header and line end included. {@code {cred}} stands for the credentials, {@code {w16}} and
 * {@code {h16}} for a picture's width and height.
 *
 * @param name what {@code dialect=} in a camera's address says
 * @param port when the address names none
 * @param frameTimeout goes before the camera's read timeout; null leaves that
 * @param credentials what {@code {cred}} stands for
 * @param opening what is said first
 * @param grams the messages that follow, if messages do
 * @param init messages sent behind the opening, each followed by at most {@code initWait} for one message
 * @param setSize asks for a picture size; empty when that cannot be asked for
 * @param pull how pictures are asked for; null when the camera sends them unasked
 * @param repairs what may be mended in a picture
 */
public record Dialect(
        String name,
        int port,
        Duration connectTimeout,
        @Nullable Duration frameTimeout,
        Credentials credentials,
        List<Step> opening,
        GramLayout grams,
        List<String> init,
        Duration initWait,
        String setSize,
        @Nullable Pull pull,
        Framing framing,
        Set<Repair> repairs,
        Control control) {

    /** How the stream behind the opening is cut into pictures. */
    public enum Framing {
        /** By its messages. */
        GRAM,
        /** By the pictures' own markers. */
        JPEG_SCAN,
        /** As its first bytes look. */
        AUTO
    }

    /**
     * What {@code {cred}} stands for.
     *
     * @param xor every byte of {@code user:password} is sent XOR this, 0 to 255
     * @param literal hexadecimal; goes before user and password, unless empty
     */
    public record Credentials(int xor, String literal) {
        /** What is sent for this login, in hexadecimal; as much a secret as the password. */
        String of(@Nullable Login login) {
            if (!literal.isEmpty()) {
                return literal;
            }
            byte[] credentials = (login == null ? ":" : login.credentials()).getBytes(UTF_8);
            for (int i = 0; i < credentials.length; i++) {
                credentials[i] ^= (byte) xor;
            }
            return HexFormat.of().formatHex(credentials);
        }

        /** Not the literal, which may be a password. */
        @Override
        public String toString() {
            return "Credentials[xor=" + xor + "]";
        }
    }

    /**
     * One thing said in the opening.
     *
     * @param name for the log, without credentials
     * @param onlyWithUser left out when the address has no user
     * @param reply what is waited for behind it; null to go on at once
     */
    public record Step(
            String name,
            String message,
            boolean onlyWithUser,
            @Nullable Reply reply) {}

    /**
     * What answers a step. It ends with {@code end}, with {@code quiet} of silence or with its {@code maxBytes}.
     *
     * @param end 0 to 255, or -1 when no byte ends it
     * @param prefix what it should start with; no answer at all is never wrong
     * @param part what it should hold
     * @param strict whether another answer ends the session; otherwise it is logged
     */
    public record Reply(int end, Duration quiet, int maxBytes, String prefix, String part, boolean strict) {
        boolean isExpected(String text) {
            return text.startsWith(prefix) && text.contains(part);
        }

        /** For messages: {@code 1...}, {@code ...OK...}. */
        String expected() {
            return prefix + "..." + (part.isEmpty() ? "" : part + "...");
        }
    }

    /**
     * How pictures are asked for.
     *
     * @param inFlight requests that may be unanswered at a time
     * @param paced whether requests are sent at {@link CameraSettings#fps}; otherwise as soon as one is answered
     */
    public record Pull(String request, int inFlight, boolean paced) {}

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
            int port, ControlLogin login, int credentialXor, Duration replyTimeout, Duration stepTimeout) {}

    public Dialect {
        opening = List.copyOf(opening);
        init = List.copyOf(init);
        repairs = Set.copyOf(repairs);
    }

    /** The bytes of a step. */
    byte[] message(Step step, @Nullable Login login) {
        return bytes(step.message().replace("{cred}", credentials.of(login)));
    }

    /** The bytes that ask for a size. */
    byte[] sizeRequest(PictureSize size) {
        return bytes(setSize.replace("{w16}", "%04x".formatted(size.width()))
                .replace("{h16}", "%04x".formatted(size.height())));
    }

    static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
