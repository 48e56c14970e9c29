package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vbrelay.camera.Dialect.Control;
import io.vbrelay.camera.Dialect.ControlLogin;
import io.vbrelay.camera.Dialect.Credentials;
import io.vbrelay.camera.Dialect.Framing;
import io.vbrelay.camera.Dialect.Pull;
import io.vbrelay.camera.Dialect.Reply;
import io.vbrelay.camera.Dialect.Step;
import io.vbrelay.camera.codec.GramLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a {@link Dialect} from its whole tree of keys; docs/dialects.md explains them. */
final class DialectReader {
    private static final int MAX_PORT = 65_535;
    private static final int MAX_REPLY_BYTES = 1 << 20;
    private static final int MAX_HEADER_BYTES = 64;
    private static final int MAX_FRAME_BYTES = 1 << 24;
    private static final int MAX_IN_FLIGHT = 8;

    private static final List<String> ON_MISMATCH = List.of("warn", "fail");
    private static final String CREDENTIALS = "{cred}";

    private DialectReader() {}

    static Dialect read(String name, Section top) {
        top.has("extends");
        Section video = top.section("video");
        Section text = video.section("text");
        Section raw = video.section("raw");
        Section binary = video.section("binary");
        Duration frameTimeout = video.millis("frameTimeoutMs", 0);
        Dialect dialect = new Dialect(
                name,
                video.number("port", 1, MAX_PORT),
                video.millis("connectTimeoutMs", 1),
                frameTimeout.isZero() ? null : frameTimeout,
                new Credentials(video.octet("credentialXor"), video.secret("credentialBytes")),
                opening(raw, text),
                layout(binary),
                binary.hexes("init"),
                binary.millis("initWaitMs", 0),
                binary.hex("setSize", "{w16}", "{h16}"),
                pull(video, raw, binary),
                video.choice("framing", Framing.class),
                repairs(video.section("repair")),
                control(top.section("control")));
        List.of(text, raw, binary, video, top).forEach(Section::end);
        if (dialect.pull() != null && dialect.pull().request().isEmpty()) {
            throw binary.wrong("request", "the bytes that ask for a picture, since video.mode is pull", "");
        }
        return dialect;
    }

    private static List<Step> opening(Section raw, Section text) {
        List<Step> opening = new ArrayList<>();
        Reply handshakeReply = handshakeReply(raw.section("handshakeReply"));
        String handshake = raw.hex("handshake");
        if (!handshake.isEmpty()) {
            opening.add(new Step("the handshake", handshake, false, handshakeReply));
        }
        String lineEnd = text.hex("lineEnd");
        Section replyEnd = text.section("replyEnd");
        int end = replyEnd.hex("byte").isEmpty() ? -1 : replyEnd.octet("byte");
        Duration quiet = replyEnd.millis("orQuietMs", 1);
        int maxBytes = replyEnd.number("orMaxBytes", 1, MAX_REPLY_BYTES);
        replyEnd.end();
        for (Section step : text.sections("steps")) {
            opening.add(step(step, lineEnd, end, quiet, maxBytes));
        }
        return opening;
    }

    private static Reply handshakeReply(Section reply) {
        Reply read = new Reply(
                -1,
                reply.millis("quietMs", 1),
                reply.number("maxBytes", 1, MAX_REPLY_BYTES),
                "",
                reply.text("expectContains"),
                isStrict(reply.choice("onMismatch", ON_MISMATCH)));
        reply.end();
        return read;
    }

    private static Step step(Section step, String lineEnd, int end, Duration quiet, int maxBytes) {
        String line = step.text("send");
        if (step.has("append")) {
            line += "{" + step.choice("append", List.of("cred")) + "}";
        }
        boolean onlyWithUser =
                step.choiceOrFirst("when", List.of("always", "credentials")).equals("credentials");
        boolean isAnswered =
                step.choiceOrFirst("expect", List.of("none", "reply")).equals("reply");
        Reply reply = new Reply(
                end,
                quiet,
                maxBytes,
                step.text("expectPrefix", ""),
                step.text("expectContains", ""),
                isStrict(step.choiceOrFirst("onMismatch", ON_MISMATCH)));
        step.end();
        return new Step(line, hex(line) + lineEnd, onlyWithUser, isAnswered ? reply : null);
    }

    /** A line's bytes; the place of the credentials stays. */
    private static String hex(String line) {
        return Pattern.compile(Pattern.quote(CREDENTIALS))
                .splitAsStream(line + "\n")
                .map(part -> HexFormat.of().formatHex(part.getBytes(UTF_8)))
                .collect(Collectors.joining(CREDENTIALS))
                .replaceFirst("0a$", "");
    }

    private static boolean isStrict(String onMismatch) {
        return onMismatch.equals("fail");
    }

    private static GramLayout layout(Section binary) {
        Section header = binary.section("header");
        int size = header.number("size", 1, MAX_HEADER_BYTES);
        int idAt = header.number("idAt", 0, size - 1);
        int lengthBytes = header.number("lengthBytes", 1, Math.min(4, size));
        int lengthAt = header.number("lengthAt", 0, size - lengthBytes);
        if (idAt >= lengthAt && idAt < lengthAt + lengthBytes) {
            throw header.wrong("idAt", "a byte outside the length", Integer.toString(idAt));
        }
        boolean littleEndian = header.choice("endian", List.of("big", "little")).equals("little");
        boolean lengthIncludesHeader = header.flag("lengthIncludesHeader");
        header.end();
        return new GramLayout(
                size,
                idAt,
                lengthAt,
                lengthBytes,
                littleEndian,
                lengthIncludesHeader,
                frameIds(binary),
                binary.number("maxFrameBytes", 1, MAX_FRAME_BYTES),
                binary.number("maxOtherBytes", 0, MAX_FRAME_BYTES));
    }

    /** At least one: without any, nothing would ever be a picture. */
    private static Set<Integer> frameIds(Section binary) {
        Set<Integer> frameIds = new TreeSet<>();
        for (String id : binary.hexes("frameIds")) {
            if (id.length() != 2 || id.equals("ff")) {
                throw binary.wrong("frameIds", "one byte each, 00 to fe", id);
            }
            frameIds.add(Integer.parseInt(id, 16));
        }
        if (frameIds.isEmpty()) {
            throw binary.wrong("frameIds", "at least one", "");
        }
        return frameIds;
    }

    private static @Nullable Pull pull(Section video, Section raw, Section binary) {
        String messages = binary.hex("request");
        String bare = raw.hex("request");
        String request = bare.isEmpty() ? messages : bare;
        boolean isPaced = raw.choice("pacing", List.of("fps", "answer")).equals("fps");
        int inFlight = binary.number("inFlight", 1, MAX_IN_FLIGHT);
        if (video.choice("mode", List.of("pull", "push")).equals("push")) {
            return null;
        }
        return new Pull(request, inFlight, isPaced);
    }

    private static Set<Repair> repairs(Section repair) {
        Set<Repair> repairs = EnumSet.allOf(Repair.class);
        forbid(repairs, Repair.HUFFMAN_TABLES, repair.section("dht"), "insertIfMissing");
        forbid(repairs, Repair.APP7_LENGTH, repair.section("app7"), "fixZeroLength");
        forbid(repairs, Repair.TRAILER, repair.section("trailer"), "strip");
        repair.end();
        return repairs;
    }

    private static void forbid(Set<Repair> repairs, Repair repair, Section section, String key) {
        if (!section.flag(key)) {
            repairs.remove(repair);
        }
        section.end();
    }

    private static Control control(Section control) {
        Control read = new Control(
                control.number("port", 1, MAX_PORT),
                control.choice("login", ControlLogin.class),
                control.octet("credentialXor"),
                control.millis("replyTimeoutMs", 1),
                control.millis("stepTimeoutMs", 1));
        control.end();
        return read;
    }
}
