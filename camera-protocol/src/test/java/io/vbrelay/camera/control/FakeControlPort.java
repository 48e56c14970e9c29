package io.vbrelay.camera.control;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A control port of a few lines on a thread of its own: one client at a time, every datagram told to the test and answered by
 * its echo. A head that obeys is where it was sent at once. Written without the product's codec.
 */
final class FakeControlPort implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private volatile boolean obeys = true;
    private volatile boolean answers = true;
    private volatile byte[] position = HexFormat.of().parseHex("00000000101e0000");

    FakeControlPort() throws IOException {
        Thread thread = new Thread(this::serve, "fake control port");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return listener.getLocalPort();
    }

    /** {@code id/status data} of each datagram in hexadecimal, and {@code closed} when a client has gone. */
    BlockingQueue<String> heard() {
        return heard;
    }

    /** From now on echoes, and moves nothing. */
    void disobey() {
        obeys = false;
    }

    /** From now on says nothing. */
    void fallSilent() {
        answers = false;
    }

    /** From now on answers again. */
    void speak() {
        answers = true;
    }

    private void serve() {
        while (!listener.isClosed()) {
            try (Socket client = listener.accept()) {
                serve(client);
            } catch (EOFException e) {
                heard.add("closed");
            } catch (IOException e) {
                heard.add("lost " + e.getMessage());
            }
        }
    }

    private void serve(Socket client) throws IOException {
        DataInputStream in = new DataInputStream(client.getInputStream());
        while (true) {
            ByteBuffer datagram = ByteBuffer.allocate(16 + 4 * 1000);
            datagram.putShort(in.readShort());
            int length = 16 + 4 * datagram.getShort(0);
            in.readFully(datagram.array(), 2, length - 2);
            int id = datagram.get(5);
            int status = datagram.getShort(6);
            byte[] data = new byte[length - 8];
            datagram.get(8, data);
            heard.add("%02x/%04x %s"
                    .formatted(id & 0xFF, status & 0xFFFF, HexFormat.of().formatHex(data)));
            boolean read = status < 0;
            if (id == 0x33 && !read && obeys) {
                position = data;
            }
            if (answers && id == 0x33 && read) {
                datagram.putShort(6, (short) 0x00E0).put(8, position);
            }
            if (answers) {
                client.getOutputStream().write(datagram.array(), 0, length);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
