package io.vbrelay.relay.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What became of a reload.
 *
 * @param problems why nothing was changed, a line each; empty when the configuration was taken
 * @param changes what is another one now, such as {@code cameras.yard added}
 * @param atRestart keys that have changed and take effect when the process starts anew
 */
public record ReloadReport(List<String> problems, List<String> changes, List<String> atRestart) {
    public ReloadReport {
        problems = List.copyOf(problems);
        changes = List.copyOf(changes);
        atRestart = List.copyOf(atRestart);
    }

    public static ReloadReport refused(List<String> problems) {
        return new ReloadReport(problems, List.of(), List.of());
    }

    /** What differs between the configuration that runs and the next one. */
    public static ReloadReport between(RelayConfig running, RelayConfig next) {
        List<String> changes = new ArrayList<>();
        if (isOtherOrder(running.cameras(), next.cameras())) {
            changes.add("cameras in another order");
        }
        addDifferences("cameras.", running.cameras(), next.cameras(), CameraConfig::name, changes);
        addDifferences("outputs.", running.profiles(), next.profiles(), Profile::name, changes);
        add("outputs.formats changed", running.formats(), next.formats(), changes);
        add("limits changed", running.limits(), next.keeping(running).limits(), changes);
        add("trustedProxies changed", running.trustedProxies(), next.trustedProxies(), changes);
        add("corsOrigins changed", running.allowedOrigins(), next.allowedOrigins(), changes);
        List<String> atRestart = new ArrayList<>();
        add("listen", running.listen(), next.listen(), atRestart);
        add("admin.listen", running.adminListen(), next.adminListen(), atRestart);
        add("history", running.history(), next.history(), atRestart);
        add("limits.viewerLag", running.limits().viewer(), next.limits().viewer(), atRestart);
        add("limits.batch", running.limits().batch(), next.limits().batch(), atRestart);
        add("stateDir", running.stateDirectory(), next.stateDirectory(), atRestart);
        return new ReloadReport(List.of(), changes, atRestart);
    }

    /** Of those that are in both. */
    private static boolean isOtherOrder(List<CameraConfig> running, List<CameraConfig> next) {
        List<String> before = names(running);
        List<String> after = names(next);
        before.retainAll(names(next));
        after.retainAll(names(running));
        return !before.equals(after);
    }

    private static List<String> names(List<CameraConfig> cameras) {
        return cameras.stream().map(CameraConfig::name).collect(Collectors.toCollection(ArrayList::new));
    }

    private static <T> void addDifferences(
            String section, List<T> running, List<T> next, Function<T, String> name, List<String> differences) {
        Map<String, T> before = running.stream().collect(Collectors.toMap(name, Function.identity()));
        for (T item : next) {
            T old = before.remove(name.apply(item));
            if (!item.equals(old)) {
                differences.add(section + name.apply(item) + (old == null ? " added" : " changed"));
            }
        }
        running.stream()
                .map(name)
                .filter(before::containsKey)
                .forEach(gone -> differences.add(section + gone + " removed"));
    }

    private static void add(String words, @Nullable Object running, @Nullable Object next, List<String> differences) {
        if (!Objects.equals(running, next)) {
            differences.add(words);
        }
    }
}
