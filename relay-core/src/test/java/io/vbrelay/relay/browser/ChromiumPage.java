package io.vbrelay.relay.browser;

import static io.vbrelay.relay.browser.Connection.object;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vbrelay.relay.Seen;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A page in a Chromium. */
public final class ChromiumPage extends Page {
    private final Connection connection;
    private final String session;
    private double mouseX;
    private double mouseY;

    /** By origin, the context in which the scripts of the newest frame from there run. */
    private final Map<String, Integer> contexts = new ConcurrentHashMap<>();

    ChromiumPage(Connection connection, String session) {
        this.connection = connection;
        this.session = session;
    }

    void prepare() throws Exception {
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", object());
        }
        call("Page.addScriptToEvaluateOnNewDocument", object().put("source", READER));
    }

    void take(String event, JsonNode about) {
        switch (event) {
            case "Runtime.exceptionThrown" ->
                complain(about.path("exceptionDetails").toString());
            case "Runtime.consoleAPICalled" -> {
                if (about.path("type").asText().equals("error")) {
                    complain(about.path("args").toString());
                }
            }
            case "Log.entryAdded" -> {
                JsonNode entry = about.path("entry");
                if (entry.path("level").asText().equals("error")) {
                    complain(entry.path("text").asText() + " "
                            + entry.path("url").asText());
                }
            }
            case "Runtime.executionContextCreated" -> {
                JsonNode context = about.path("context");
                contexts.put(context.path("origin").asText(), context.path("id").asInt());
            }
            case "Network.requestWillBeSent" ->
                request(about.path("request").path("url").asText());
            default -> {
                // Of no interest.
            }
        }
    }

    @Override
    public void open(URI uri) throws Exception {
        JsonNode gone = call("Page.navigate", object().put("url", uri.toString()));
        if (gone.has("errorText")) {
            throw new AssertionError(uri + ": " + gone.path("errorText").asText());
        }
        evaluate("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', done))");
    }

    @Override
    public JsonNode evaluate(String expression) throws Exception {
        return evaluate(object().put("expression", expression));
    }

    /** The value of an expression in a frame of the page, known by the origin of what it shows. */
    JsonNode evaluateInFrame(String origin, String expression) throws Exception {
        long endNs = System.nanoTime() + Seen.PATIENCE.toNanos();
        while (!contexts.containsKey(origin)) {
            assertThat(System.nanoTime()).as("frames of %s", contexts.keySet()).isLessThan(endNs);
            Thread.onSpinWait();
        }
        return evaluate(object().put("expression", expression).put("contextId", contexts.get(origin)));
    }

    private JsonNode evaluate(ObjectNode script) throws Exception {
        JsonNode answer = call(
                "Runtime.evaluate",
                script.put("awaitPromise", true).put("returnByValue", true).put("userGesture", true));
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(answer.path("exceptionDetails").toString());
        }
        return answer.path("result").path("value");
    }

    @Override
    void moveTo(double x, double y) throws Exception {
        mouseX = x;
        mouseY = y;
        mouse("mouseMoved");
    }

    @Override
    void pressMouse() throws Exception {
        mouse("mousePressed");
    }

    @Override
    void releaseMouse() throws Exception {
        mouse("mouseReleased");
    }

    private void mouse(String type) throws Exception {
        ObjectNode event = object().put("type", type).put("x", mouseX).put("y", mouseY);
        if (!type.equals("mouseMoved")) {
            event.put("button", "left").put("clickCount", 1);
        }
        call("Input.dispatchMouseEvent", event);
    }

    @Override
    void pressKey(String key) throws Exception {
        ObjectNode press = object().put("type", "keyDown").put("key", key).put("code", key);
        call("Input.dispatchKeyEvent", key.length() == 1 ? press.put("text", key) : press);
    }

    @Override
    void releaseKey(String key) throws Exception {
        call(
                "Input.dispatchKeyEvent",
                object().put("type", "keyUp").put("key", key).put("code", key));
    }

    @Override
    void resize(int width, int height) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                object().put("width", width)
                        .put("height", height)
                        .put("deviceScaleFactor", 1)
                        .put("mobile", false));
    }

    /** Asks for {@code dark} or {@code light} pages, as a viewer's system would. */
    void preferColours(String scheme) throws Exception {
        ObjectNode media = object();
        media.putArray("features")
                .addObject()
                .put("name", "prefers-color-scheme")
                .put("value", scheme);
        call("Emulation.setEmulatedMedia", media);
    }

    /** As on a phone or on a Mac, where they lie over the page while it is scrolled. */
    void hideScrollBars() throws Exception {
        call("Emulation.setScrollbarsHidden", object().put("hidden", true));
    }

    @Override
    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(call("Page.captureScreenshot", object()).path("data").asText());
    }

    @Override
    void toFront() throws Exception {
        call("Page.bringToFront", object());
    }

    private JsonNode call(String method, ObjectNode parameters) throws Exception {
        return connection.call(
                object().put("sessionId", session).put("method", method).set("params", parameters));
    }
}
