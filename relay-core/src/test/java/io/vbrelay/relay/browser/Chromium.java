package io.vbrelay.relay.browser;

import static io.vbrelay.relay.browser.Connection.object;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A headless Chromium, driven by its DevTools protocol. */
public final class Chromium extends Browser {
    private final Map<String, ChromiumPage> pages = new ConcurrentHashMap<>();

    /** @param profile a folder of its own, for the caller to delete */
    public Chromium(Path profile) throws Exception {
        super(
                List.of(
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
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank"),
                "DevTools listening on ",
                "");
    }

    @Override
    public ChromiumPage newPage() throws Exception {
        return newPage(true);
    }

    /** A page in a window of its own, or in one with the others, where only the one before is not hidden. */
    ChromiumPage newPage(boolean newWindow) throws Exception {
        String target = connection()
                .call("Target.createTarget", object().put("url", "about:blank").put("newWindow", newWindow))
                .path("targetId")
                .asText();
        String session = connection()
                .call("Target.attachToTarget", object().put("targetId", target).put("flatten", true))
                .path("sessionId")
                .asText();
        ChromiumPage page = new ChromiumPage(connection(), session);
        pages.put(session, page);
        page.prepare();
        return page;
    }

    @Override
    void take(JsonNode event) {
        ChromiumPage page = pages.get(event.path("sessionId").asText());
        if (page != null) {
            page.take(event.path("method").asText(), event.path("params"));
        }
    }
}
