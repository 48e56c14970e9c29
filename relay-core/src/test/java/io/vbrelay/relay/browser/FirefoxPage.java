package io.vbrelay.relay.browser;

import static io.vbrelay.relay.browser.Connection.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.Base64;
import java.util.Map;

/** A page in a Firefox. */
final class FirefoxPage extends Page {
    private static final JsonMapper JSON = new JsonMapper();

    /** Keys that are no characters: WebDriver, section 17.4.2. */
    private static final Map<String, String> KEYS = Map.of(
            "Tab", "\uE004",
            "Enter", "\uE007",
            "Escape", "\uE00C",
            "ArrowLeft", "\uE012",
            "ArrowUp", "\uE013",
            "ArrowRight", "\uE014",
            "ArrowDown", "\uE015");

    /** What a stream that the page itself has given up ends with. */
    private static final String GIVEN_UP = "NS_BINDING_ABORTED";

    private final Connection connection;
    private final String context;

    FirefoxPage(Connection connection, String context) {
        this.connection = connection;
        this.context = context;
    }

    void take(String event, JsonNode about) {
        JsonNode request = about.path("request");
        switch (event) {
            case "log.entryAdded" -> {
                if (about.path("level").asText().equals("error")) {
                    complain(about.path("text").asText() + " " + about.path("stackTrace"));
                }
            }
            case "network.beforeRequestSent" -> request(request.path("url").asText());
            case "network.responseStarted" -> {
                int status = about.path("response").path("status").asInt();
                if (status >= 400) {
                    complain("status of " + status + " " + request.path("url").asText());
                }
            }
            case "network.fetchError" -> {
                if (!about.path("errorText").asText().equals(GIVEN_UP)) {
                    complain(about.path("errorText").asText() + " "
                            + request.path("url").asText());
                }
            }
            default -> throw new IllegalArgumentException(event);
        }
    }

    @Override
    void open(URI uri) throws Exception {
        call("browsingContext.navigate", object().put("url", uri.toString()).put("wait", "complete"));
    }

    @Override
    JsonNode evaluate(String expression) throws Exception {
        ObjectNode script = object().put("awaitPromise", true).put("userActivation", true);
        script.put("expression", "(async () => JSON.stringify(await (" + expression + ")) ?? null)()");
        script.set("target", object().put("context", context));
        JsonNode answer = connection.call("script.evaluate", script);
        if (answer.has("exceptionDetails")) {
            throw new AssertionError(answer.path("exceptionDetails").toString());
        }
        return JSON.readTree(answer.path("result").path("value").asText("null"));
    }

    @Override
    void moveTo(double x, double y) throws Exception {
        mouse(object().put("type", "pointerMove").put("x", Math.round(x)).put("y", Math.round(y)));
    }

    @Override
    void pressMouse() throws Exception {
        mouse(object().put("type", "pointerDown").put("button", 0));
    }

    @Override
    void releaseMouse() throws Exception {
        mouse(object().put("type", "pointerUp").put("button", 0));
    }

    private void mouse(ObjectNode action) throws Exception {
        perform("pointer", action);
    }

    @Override
    void pressKey(String key) throws Exception {
        perform("key", object().put("type", "keyDown").put("value", KEYS.getOrDefault(key, key)));
    }

    @Override
    void releaseKey(String key) throws Exception {
        perform("key", object().put("type", "keyUp").put("value", KEYS.getOrDefault(key, key)));
    }

    private void perform(String device, ObjectNode action) throws Exception {
        ObjectNode input = object().put("type", device).put("id", device);
        input.putArray("actions").add(action);
        ObjectNode all = object();
        all.putArray("actions").add(input);
        call("input.performActions", all);
    }

    @Override
    void resize(int width, int height) throws Exception {
        ObjectNode viewport = object();
        viewport.putObject("viewport").put("width", width).put("height", height);
        call("browsingContext.setViewport", viewport);
    }

    @Override
    byte[] screenshot() throws Exception {
        return Base64.getDecoder()
                .decode(call("browsingContext.captureScreenshot", object())
                        .path("data")
                        .asText());
    }

    @Override
    void toFront() throws Exception {
        call("browsingContext.activate", object());
    }

    private JsonNode call(String method, ObjectNode parameters) throws Exception {
        return connection.call(method, parameters.put("context", context));
    }
}
