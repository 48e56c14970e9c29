package io.vbrelay.camera.control;

import static io.vbrelay.camera.control.Datagram.high;
import static io.vbrelay.camera.control.Datagram.low;

import io.vbrelay.camera.Login;
import io.vbrelay.camera.control.PtzCommand.Focus;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The native control port's words (facts, sections b.2 to b.4); numbers are theirs. */
final class NativeCommands {
    static final Datagram TAKE_CONTROL = new Datagram(0x21, 0x0001);
    static final Datagram GIVE_CONTROL_BACK = new Datagram(0x21, 0x0000);
    static final Datagram READ_POSITION = new Datagram(0x33, Datagram.READ);

    private static final int POSITION = 0x33;
    private static final int ALL_AXES = 0xE0;
    private static final int STANDS = 0x06E0;
    private static final int PAN = 0x80;
    private static final int TILT = 0x40;
    private static final int ZOOM = 0x20;

    /** What a field-used client says behind the login, in its order: id/status, data. */
    private static final List<String> AFTER_LOGIN = List.of(
            "31/0000 010101",
            "54/0000 0409",
            "53/0000 040904b0",
            "52/0000 040904b0",
            "44/8000",
            "3a/0000",
            "22/8000",
            "10/8000",
            "20/8000",
            "32/8000",
            "34/8000",
            "38/8000",
            "33/8000",
            "40/8000",
            "11/8000",
            "03/0000 90000000",
            "83/8000",
            "36/0001",
            "80/8001",
            "36/0002",
            "80/8002",
            "36/0003",
            "80/8003",
            "36/0004",
            "80/8004",
            "60/8000",
            "63/0000 040904b0",
            "61/0100",
            "61/0100",
            "83/8001",
            "21/0001",
            "40/8000");

    private NativeCommands() {}

    /** The whole opening, each to be sent when the one before is answered; without the login itself for a guest. */
    static List<Datagram> opening(@Nullable Login login, int credentialXor) {
        List<Datagram> opening = new ArrayList<>();
        opening.add(new Datagram(0x00, Datagram.READ));
        if (login != null) {
            opening.add(login(login, credentialXor));
        }
        AFTER_LOGIN.forEach(text -> opening.add(parse(text)));
        return opening;
    }

    private static Datagram parse(String text) {
        HexFormat hex = HexFormat.of();
        String data = text.length() > 8 ? text.substring(8) : "";
        return new Datagram(
                HexFormat.fromHexDigits(text, 0, 2), HexFormat.fromHexDigits(text, 3, 7), hex.parseHex(data));
    }

    static Datagram login(Login login, int credentialXor) {
        byte[] credentials = login.credentials().getBytes(StandardCharsets.UTF_8);
        ByteBuffer data =
                ByteBuffer.allocate(5 + credentials.length).putInt(0x9000_0000).put((byte) credentials.length);
        for (byte b : credentials) {
            data.put((byte) (b ^ credentialXor));
        }
        return new Datagram(0x02, 0, data.array());
    }

    static Datagram goTo(PtzPosition target) {
        int pan = PtzPosition.hundredths(target.pan());
        int tilt = PtzPosition.hundredths(target.tilt());
        int zoom = PtzPosition.hundredths(target.zoom());
        return new Datagram(POSITION, ALL_AXES, high(pan), low(pan), high(tilt), low(tilt), high(zoom), low(zoom));
    }

    /** The position that a datagram tells; empty when it tells none. */
    static Optional<PtzPosition> position(Datagram datagram) {
        if (datagram.id() != POSITION || (datagram.status() & 0xFF) != ALL_AXES) {
            return Optional.empty();
        }
        try {
            return Optional.of(PtzPosition.ofHundredths(datagram.shortAt(0), datagram.shortAt(2), datagram.shortAt(4)));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // No head looks there.
        }
    }

    /** Whether a camera says of its own accord that its head stands. */
    static boolean isStopEvent(Datagram datagram) {
        return datagram.id() == POSITION && datagram.status() == STANDS;
    }

    /** What says this to the camera, all at once; empty when nothing is known to. Moves are {@link #goTo}. */
    static List<Datagram> of(PtzCommand command) {
        if (command instanceof PtzCommand.Jog jog) {
            List<Datagram> jogs = new ArrayList<>();
            if (jog.direction() != null) {
                jogs.add(new Datagram(0x3C, 0, (byte) jog.direction().bits()));
            }
            if (jog.zoom() != null) {
                jogs.add(new Datagram(0x3D, 0, (byte) (jog.zoom() == PtzCommand.ZoomDirection.IN ? 1 : 2)));
            }
            return jogs;
        }
        if (command instanceof PtzCommand.Stop) {
            return List.of(new Datagram(0x3C, 0), new Datagram(0x3D, 0));
        }
        if (command instanceof PtzCommand.Speed speed) {
            return List.of(speed(speed));
        }
        if (command instanceof Focus focus) {
            return List.of(focus(focus));
        }
        if (command instanceof PtzCommand.AutoExposure) {
            return List.of(new Datagram(0x82, 0));
        }
        if (command instanceof PtzCommand.ManualExposure exposure) {
            return List.of(exposure(exposure));
        }
        if (command instanceof PtzCommand.Night night) {
            return List.of(new Datagram(0x85, 0, (byte) (night.on() ? 1 : 0)));
        }
        if (command instanceof PtzCommand.Infrared infrared) {
            return List.of(new Datagram(0x86, 0, (byte) (infrared.on() ? 1 : 0)));
        }
        if (command instanceof PtzCommand.Brightness brightness && brightness.level() % 2 == 0) {
            int value = 288 + 72 * brightness.level();
            return List.of(new Datagram(0x87, 0, high(value), low(value)));
        }
        return List.of();
    }

    private static Datagram speed(PtzCommand.Speed speed) {
        int pan = speed.pan() == null ? 0 : PtzPosition.hundredths(speed.pan());
        int tilt = speed.tilt() == null ? 0 : PtzPosition.hundredths(speed.tilt());
        int zoom = speed.zoom() == null ? 0 : speed.zoom();
        int axes =
                (speed.pan() == null ? 0 : PAN) | (speed.tilt() == null ? 0 : TILT) | (speed.zoom() == null ? 0 : ZOOM);
        return new Datagram(
                0x3B, 0, high(pan), low(pan), high(tilt), low(tilt), high(zoom), low(zoom), (byte) axes, (byte) 0);
    }

    private static Datagram focus(Focus focus) {
        return switch (focus) {
            case AUTO -> new Datagram(0x40, 0, (byte) 0);
            case MANUAL -> new Datagram(0x40, 0, (byte) 1);
            case INFINITY -> new Datagram(0x40, 0, (byte) 2);
            case DOME -> new Datagram(0x40, 0, (byte) 3);
            case STOP -> new Datagram(0x43, 0, (byte) 0);
            case FAR -> new Datagram(0x43, 0, (byte) 1);
            case NEAR -> new Datagram(0x43, 0, (byte) 2);
        };
    }

    private static Datagram exposure(PtzCommand.ManualExposure exposure) {
        byte[] data = new byte[16];
        data[0] = (byte) ALL_AXES;
        data[7] = (byte) exposure.aperture();
        data[11] = (byte) exposure.shutter();
        data[14] = high(exposure.gain());
        data[15] = low(exposure.gain());
        return new Datagram(0x82, 0, data);
    }
}
