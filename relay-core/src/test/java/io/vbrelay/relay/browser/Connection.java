package io.vbrelay.relay.browser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vbrelay.relay.Seen;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Numbered calls, their answers, and events between them, as JSON over a WebSocket: what DevTools and WebDriver BiDi have in common.
 *
 * <p><b>Threads.</b> One at a time calls; answers and events come on the HTTP client's.
 */
final class Connection {
    private static final JsonMapper JSON = new JsonMapper();

    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final Consumer<JsonNode> events;
    private final WebSocket socket;

    Connection(URI address, Consumer<JsonNode> events)
            throws ExecutionException, InterruptedException, TimeoutException {
        this.events = events;
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Messages())
                .get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /** The result of a call, which may take longer than anything that a page waits for. */
    JsonNode call(String method, ObjectNode parameters) throws Exception {
        return call(object().put("method", method).set("params", parameters));
    }

    /** The same with members besides method and parameters. */
    JsonNode call(ObjectNode command) throws ExecutionException, InterruptedException, TimeoutException {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(command.put("id", id).toString(), true).get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        JsonNode answered = answer.get(2 * Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (answered.has("error")) {
            throw new AssertionError(command.path("method").asText() + ": " + answered);
        }
        return answered.path("result");
    }

    void abort() {
        socket.abort();
    }

    private final class Messages implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                take();
                text.setLength(0);
            }
            from.request(1);
            return CompletableFuture.completedFuture(null);
        }

        private void take() {
            JsonNode message;
            try {
                message = JSON.readTree(text.toString());
            } catch (JsonProcessingException e) {
                onError(socket, e);
                return;
            }
            if (message.has("id")) {
                CompletableFuture<JsonNode> waiting =
                        answers.remove(message.path("id").asInt());
                if (waiting != null) {
                    waiting.complete(message);
                }
            } else {
                events.accept(message);
            }
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int status, String reason) {
            onError(from, new IOException("the browser closed the connection: " + reason));
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            answers.values().forEach(waiting -> waiting.completeExceptionally(error));
        }
    }
}
