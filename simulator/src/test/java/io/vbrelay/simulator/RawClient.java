package io.vbrelay.simulator;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.HexFormat;
import java.util.Objects;
import javax.imageio.ImageIO;

/** A client that is nothing but a socket, so that it shares no mistake with the product's own. */
final class RawClient implements AutoCloseable {
    static final String REQUEST = "8500000000000000";
    static final String START = "START\n";

    /** Long enough for a busy machine; what should come never takes it. */
    private static final int TIMEOUT_MS = 30_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;

    RawClient(InetSocketAddress camera) throws IOException {
        // Set before it is connected: on a connection that was reset at once they can't be.
        socket.setSoTimeout(TIMEOUT_MS);
        socket.setTcpNoDelay(true);
        socket.connect(camera, TIMEOUT_MS);
        in = new DataInputStream(socket.getInputStream());
    }

    /** A client that has said START. */
    static RawClient started(SimulatedCamera camera) throws IOException {
        RawClient client = new RawClient(camera.address());
        client.send(START);
        return client;
    }

    void send(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(ISO_8859_1));
    }

    void sendHex(String hex) throws IOException {
        socket.getOutputStream().write(HexFormat.of().parseHex(hex));
    }

    /** Text up to its NUL, which is left out. */
    String readReply() throws IOException {
        StringBuilder reply = new StringBuilder();
        for (int b = in.readUnsignedByte(); b != 0; b = in.readUnsignedByte()) {
            reply.append((char) b);
        }
        return reply.toString();
    }

    /** Asks for a picture and returns the file. */
    byte[] picture() throws IOException {
        sendHex(REQUEST);
        return readPicture();
    }

    byte[] readPicture() throws IOException {
        if (in.readInt() != 0x0200_0000) {
            throw new IOException("not a frame's header");
        }
        return in.readNBytes(in.readInt());
    }

    ChartReading chart() throws IOException {
        ChartReading reading = ChartReader.read(ImageIO.read(new ByteArrayInputStream(picture())));
        return Objects.requireNonNull(reading, "not a chart");
    }

    /** The next bytes as hexadecimal digits. */
    String readHex(int count) throws IOException {
        return HexFormat.of().formatHex(readBytes(count));
    }

    byte[] readBytes(int count) throws IOException {
        return in.readNBytes(count);
    }

    /** Everything until the camera closes or resets the connection. */
    byte[] readToEnd() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            in.transferTo(bytes);
        } catch (SocketException e) {
            // A reset is an end too.
        }
        return bytes.toByteArray();
    }

    /** Whether nothing comes for this long. */
    boolean hearsNothingFor(int ms) throws IOException {
        socket.setSoTimeout(ms);
        try {
            in.readByte();
            return false;
        } catch (SocketTimeoutException e) {
            return true;
        } finally {
            socket.setSoTimeout(TIMEOUT_MS);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
