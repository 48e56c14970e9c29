package io.vbrelay.camera;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ServerSocketFactory;

/** A camera with an HTTP port: a thread of its own plays the test's script for each connection, one after the other. */
final class HttpCamera implements AutoCloseable {
    /** What the camera does with a connection; when it returns, the connection is closed. */
    interface Script {
        void play(Connection connection) throws IOException;
    }

    /** One connection of the client's. */
    static final class Connection {
        private final Socket socket;
        private final List<String> heads;
        final int number;

        private Connection(Socket socket, List<String> heads, int number) {
            this.socket = socket;
            this.heads = heads;
            this.number = number;
        }

        /** The next request's head; an EOFException, which ends the script, when the client has closed. */
        String readRequest() throws IOException {
            InputStream in = socket.getInputStream();
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException();
                }
                head.append((char) next);
            }
            heads.add(head.toString());
            return head.toString();
        }

        void write(String text) throws IOException {
            write(text.getBytes(ISO_8859_1));
        }

        void write(byte[] bytes) throws IOException {
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        }

        /** Until the client closes. */
        void awaitClose() throws IOException {
            while (socket.getInputStream().read() >= 0) {
                // What the client still says doesn't matter.
            }
        }

        void reset() throws IOException {
            socket.setSoLinger(true, 0);
        }
    }

    private final ServerSocket server;
    private final List<Socket> sockets = new ArrayList<>();
    final List<String> requests = new CopyOnWriteArrayList<>();
    final List<Throwable> failures = new CopyOnWriteArrayList<>();

    HttpCamera(Script script) throws IOException {
        this(ServerSocketFactory.getDefault(), script);
    }

    HttpCamera(ServerSocketFactory sockets, Script script) throws IOException {
        server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(() -> serve(script), "http-camera");
        thread.setDaemon(true);
        thread.start();
    }

    int port() {
        return server.getLocalPort();
    }

    private void serve(Script script) {
        for (int number = 1; !server.isClosed(); number++) {
            try (Socket socket = server.accept()) {
                synchronized (sockets) {
                    sockets.add(socket);
                }
                script.play(new Connection(socket, requests, number));
            } catch (IOException e) {
                // The client may go when it likes, and so may the server.
            } catch (RuntimeException | AssertionError e) {
                failures.add(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            server.close();
            synchronized (sockets) {
                for (Socket socket : sockets) {
                    socket.close();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
