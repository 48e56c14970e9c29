package io.vbrelay.relay.browser;

import static io.vbrelay.relay.browser.Connection.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A headless Firefox, driven by WebDriver BiDi. */
final class Firefox extends Browser {
    /** Debian's; Ubuntu has none. */
    static final String PROGRAM = "firefox-esr";

    private final Map<String, FirefoxPage> pages = new ConcurrentHashMap<>();

    /** @param profile a folder of its own, for the caller to delete */
    Firefox(Path profile) throws Exception {
        super(
                List.of(
                        PROGRAM,
                        "--headless",
                        "--no-remote",
                        "--remote-debugging-port=0",
                        "--profile",
                        profile.toString(),
                        "about:blank"),
                "WebDriver BiDi listening on ",
                "/session");
        connection().call("session.new", object().set("capabilities", object()));
        ObjectNode events = object();
        Stream.of("log.entryAdded", "network.beforeRequestSent", "network.responseStarted", "network.fetchError")
                .forEach(events.putArray("events")::add);
        connection().call("session.subscribe", events);
        connection()
                .call("script.addPreloadScript", object().put("functionDeclaration", "() => {" + Page.READER + "}"));
    }

    static boolean isInstalled() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, PROGRAM)));
    }

    @Override
    Page newPage() throws Exception {
        String context = connection()
                .call("browsingContext.create", object().put("type", "window"))
                .path("context")
                .asText();
        FirefoxPage page = new FirefoxPage(connection(), context);
        pages.put(context, page);
        return page;
    }

    @Override
    void take(JsonNode event) {
        JsonNode about = event.path("params");
        String context = about.path("context")
                .asText(about.path("source").path("context").asText());
        FirefoxPage page = pages.get(context);
        if (page != null) {
            page.take(event.path("method").asText(), about);
        }
    }
}
