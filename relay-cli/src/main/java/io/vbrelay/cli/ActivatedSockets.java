package io.vbrelay.cli;

import io.vbrelay.cli.config.ConfigException;
import io.vbrelay.cli.config.Origin;
import io.vbrelay.relay.http.OpenedSockets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The sockets that systemd has opened for this process, if any (sd_listen_fds(3)). */
final class ActivatedSockets {
    /** SD_LISTEN_FDS_START: those below are standard input, output and error. */
    private static final int FIRST = 3;

    private static final String ADMIN = "admin";

    private ActivatedSockets() {}

    /**
     * One called {@code admin} stands for {@code admin.listen}, any other for {@code listen}.
     *
     * @throws ConfigException when there are more than these two: nobody would accept from the others
     */
    static OpenedSockets of(Map<String, String> environment) throws ConfigException {
        if (!Long.toString(ProcessHandle.current().pid()).equals(environment.get("LISTEN_PID"))) {
            return OpenedSockets.NONE; // They are another's, which has left the variables here.
        }
        int count = count(environment.getOrDefault("LISTEN_FDS", ""));
        List<String> names =
                List.of(environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1));
        Integer viewers = null;
        Integer admin = null;
        for (int i = 0; i < count; i++) {
            if (i < names.size() && names.get(i).equals(ADMIN)) {
                admin = only(admin, FIRST + i);
            } else {
                viewers = only(viewers, FIRST + i);
            }
        }
        return new OpenedSockets(viewers, admin);
    }

    private static int count(String text) throws ConfigException {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw ConfigException.of(
                    Origin.variable("LISTEN_FDS"), "expected the number of sockets, got '" + text + "'");
        }
    }

    private static int only(@Nullable Integer before, int descriptor) throws ConfigException {
        if (before != null) {
            throw ConfigException.of(
                    Origin.variable("LISTEN_FDS"),
                    "expected one socket for viewers and one with FileDescriptorName=admin, got more");
        }
        return descriptor;
    }
}
