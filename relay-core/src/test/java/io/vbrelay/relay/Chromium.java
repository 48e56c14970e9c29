package io.vbrelay.relay;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A headless Chromium with one page, driven by its DevTools protocol.
 *
 * <p><b>Threads.</b> One at a time calls it; answers come on the HTTP client's.
 */
final class Chromium implements AutoCloseable {
    private static final String LISTENING = "DevTools listening on ";
    private static final JsonMapper JSON = new JsonMapper();

    private final Process browser;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final WebSocket socket;
    private String session = ""; // Of the page, once there is one.

    /** @param profile a folder of its own, for the caller to delete */
    Chromium(Path profile) throws Exception {
        browser = Programs.start(new ProcessBuilder(List.of(
                        "nice", // It takes what it gets of two cores, and other tests hold the relay to its clock.
                        "chromium",
                        "--headless=new",
                        "--no-sandbox", // Which needs more rights than a container gives.
                        "--disable-gpu",
                        "--disable-dev-shm-usage", // In containers /dev/shm is small.
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--disable-breakpad",
                        "--autoplay-policy=no-user-gesture-required",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD));
        try {
            socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(address(), new Answers())
                    .get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
            String target = call("Target.createTarget", object().put("url", "about:blank"))
                    .path("targetId")
                    .asText();
            session = call(
                            "Target.attachToTarget",
                            object().put("targetId", target).put("flatten", true))
                    .path("sessionId")
                    .asText();
        } catch (Exception e) {
            kill();
            throw e;
        }
    }

    /** Where it takes commands, which it tells among its complaints. */
    private URI address() throws IOException {
        BufferedReader said = browser.errorReader();
        StringBuilder before = new StringBuilder();
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread rest = new Thread(() -> said.lines().forEach(complaint -> {}), "chromium-complaints");
                rest.setDaemon(true);
                rest.start();
                return URI.create(line.substring(LISTENING.length()));
            }
            before.append(line).append('\n');
        }
        throw new IOException("chromium ended: " + before);
    }

    private static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** Goes to a page, and returns when that is loaded. */
    void open(URI page) throws Exception {
        JsonNode gone = call("Page.navigate", object().put("url", page.toString()));
        if (gone.has("errorText")) {
            throw new AssertionError(page + ": " + gone.path("errorText").asText());
        }
        evaluate("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))");
    }

    /** The value of an expression in the page, or of its promise. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode answer = call(
                "Runtime.evaluate",
                object().put("expression", expression)
                        .put("awaitPromise", true)
                        .put("returnByValue", true)
                        .put("userGesture", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value");
    }

    /** What the page looks like, as a PNG file. */
    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", object()).path("data").asText());
    }

    private JsonNode call(String method, ObjectNode parameters)
            throws ExecutionException, InterruptedException, TimeoutException {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        ObjectNode command = object().put("id", id).put("method", method);
        command.set("params", parameters);
        if (!session.isEmpty()) {
            command.put("sessionId", session);
        }
        socket.sendText(command.toString(), true).get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        JsonNode answered = answer.get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (answered.has("error")) {
            throw new AssertionError(method + ": " + answered.path("error"));
        }
        return answered.path("result");
    }

    /** Returns when the browser and all its children have ended. */
    @Override
    public void close() throws InterruptedException {
        socket.abort();
        kill();
    }

    private void kill() throws InterruptedException {
        List<ProcessHandle> children = browser.descendants().toList();
        browser.destroyForcibly().waitFor();
        children.forEach(ProcessHandle::destroyForcibly);
        children.forEach(child -> child.onExit().join());
    }

    /** Gives each answer to the call that waits for it; events are of no interest. */
    private final class Answers implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                answer();
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void answer() {
            try {
                JsonNode message = JSON.readTree(text.toString());
                CompletableFuture<JsonNode> waiting =
                        answers.remove(message.path("id").asInt());
                if (waiting != null) {
                    waiting.complete(message);
                }
            } catch (JsonProcessingException e) {
                onError(socket, e);
            }
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            onError(from, new IOException("chromium closed the connection: " + reason));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            answers.values().forEach(waiting -> waiting.completeExceptionally(error));
        }
    }
}
