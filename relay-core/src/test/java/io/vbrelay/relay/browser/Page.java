package io.vbrelay.relay.browser;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.vbrelay.relay.Seen;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/** One page in a browser: what a viewer does, sees, and should never see. */
abstract class Page {
    /** What runs in every page before its own scripts: functions to read it with. */
    static final String READER = resource("reader.js");

    private final Seen<String> complaints = new Seen<>();
    private final Seen<URI> requests = new Seen<>();

    static String resource(String name) {
        try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What failed of the cases in a script, which tests modules of the page that this is. */
    public JsonNode failedCases(String script) throws Exception {
        JsonNode failures = evaluate(resource("/cases.js") + resource(script));
        assertThat(failures.isArray()).isTrue();
        return failures;
    }

    /** Goes to a page, and returns when that is loaded. */
    abstract void open(URI uri) throws Exception;

    /** The value of an expression in the page, or of its promise. */
    abstract JsonNode evaluate(String expression) throws Exception;

    /** Moves the mouse there, in CSS pixels from the window's upper left. */
    abstract void moveTo(double x, double y) throws Exception;

    abstract void pressMouse() throws Exception;

    abstract void releaseMouse() throws Exception;

    /** @param key as {@code KeyboardEvent.key} names it */
    abstract void pressKey(String key) throws Exception;

    abstract void releaseKey(String key) throws Exception;

    /** Makes the window so large, in CSS pixels. */
    abstract void resize(int width, int height) throws Exception;

    /** What the window shows, as a PNG file. */
    abstract byte[] screenshot() throws Exception;

    /** Brings it before the browser's other pages of the same window. */
    abstract void toFront() throws Exception;

    /** Waits until a condition is true in the page. */
    final void await(String what, String condition) throws Exception {
        if (!evaluate("until(() => " + condition + ", " + Seen.PATIENCE.toMillis() + ")")
                .asBoolean()) {
            throw new AssertionError("waited for " + what + ", the page says " + evaluate("said()") + ", the browser "
                    + complaints.all());
        }
    }

    /** Presses the mouse's button in the middle of an element, and releases it. */
    final void click(String selector) throws Exception {
        click(selector, 0.5, 0.5);
    }

    /** Presses it elsewhere in the element, by shares of its width and height. */
    final void click(String selector, double right, double down) throws Exception {
        moveTo(selector, right, down);
        pressMouse();
        releaseMouse();
    }

    /** Moves the mouse to the middle of an element, which is scrolled into the window. */
    final void moveTo(String selector) throws Exception {
        moveTo(selector, 0.5, 0.5);
    }

    private void moveTo(String selector, double right, double down) throws Exception {
        String element = "document.querySelector('" + selector + "')";
        await(selector, element);
        JsonNode place = evaluate("place(%s, %s, %s)".formatted(element, right, down));
        moveTo(place.path(0).asDouble(), place.path(1).asDouble());
    }

    /** Errors in the console, exceptions, violations of the Content-Security-Policy, and requests that failed. */
    final Seen<String> complaints() {
        return complaints;
    }

    /** What the page has asked for, the scripts that tests add excepted. */
    final List<URI> requests() {
        return requests.all();
    }

    final void complain(String complaint) {
        complaints.add(complaint);
    }

    final void request(String url) {
        if (url.startsWith("http") || url.startsWith("ws")) { // Not data: and blob:, which nobody is asked for.
            requests.add(URI.create(url));
        }
    }
}
