package io.vbrelay.relay.browser;

import com.fasterxml.jackson.databind.JsonNode;
import io.vbrelay.relay.Programs;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/**
 * A headless browser, from its start to the end of its last process.
 *
 * <p><b>Threads.</b> One at a time calls it and its pages.
 */
abstract class Browser implements AutoCloseable {
    /** Longer than all tests of a class, so that no browser outlives a test run that is killed. */
    private static final int LIFE_SECONDS = 900;

    private final Process process;
    private final Connection connection;

    /**
     * @param command the browser's, which must listen at any free port
     * @param listening what stands before the address in the line that tells where
     * @param path what follows the address
     */
    Browser(List<String> command, String listening, String path) throws Exception {
        List<String> bounded = new ArrayList<>(List.of("timeout", Integer.toString(LIFE_SECONDS)));
        bounded.add("nice"); // It takes what it gets of two cores, and other tests hold the relay to its clock.
        bounded.addAll(command);
        process = Programs.start(new ProcessBuilder(bounded).redirectOutput(ProcessBuilder.Redirect.DISCARD));
        try {
            connection = new Connection(URI.create(address(listening) + path), this::take);
        } catch (Exception e) {
            kill();
            throw e;
        }
    }

    /** Where it takes commands, which it tells among its complaints. */
    private String address(String listening) throws IOException {
        BufferedReader said = process.errorReader();
        StringBuilder before = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(listening)) {
                Thread rest = new Thread(() -> said.lines().forEach(complaint -> {}), "browser-complaints");
                rest.setDaemon(true);
                rest.start();
                return line.substring(listening.length());
            }
            before.append(line).append('\n');
        }
        throw new IOException("the browser ended: " + before);
    }

    final Connection connection() {
        return connection;
    }

    /** A page in a window of its own. */
    abstract Page newPage() throws Exception;

    /** An event, on the connection's thread. */
    abstract void take(JsonNode event);

    /** Returns when the browser and all its children have ended. */
    @Override
    public final void close() throws InterruptedException {
        connection.abort();
        kill();
    }

    private void kill() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly().waitFor();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
    }
}
