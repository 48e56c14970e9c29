package io.vbrelay.cli.config;

import io.vbrelay.camera.CameraAddress;
import io.vbrelay.camera.Dialects;
import io.vbrelay.camera.HttpAddress;
import io.vbrelay.camera.Login;
import io.vbrelay.camera.NativeAddress;
import io.vbrelay.cli.config.Setting.Item;
import io.vbrelay.relay.config.Limits;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.config.Quantisers;
import io.vbrelay.relay.http.AccessLog;
import io.vbrelay.relay.stream.Format;
import io.vbrelay.relay.stream.ViewerLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Makes the configuration of settings. What no key can know by itself is checked here, and goes to the same list of problems. */
final class ConfigReader {
    private static final int MAX_PASSWORD_BYTES = 4096;
    private static final String CREDENTIALS = "${CREDENTIALS_DIRECTORY}";

    private static final Pattern ADDRESS = Pattern.compile(CameraArgument.START);

    private final Settings settings;
    private final Map<String, String> environment;
    private final boolean readsCredentials;

    /** @param readsCredentials whether this process is the service, to which alone systemd shows them */
    ConfigReader(Settings settings, Map<String, String> environment, boolean readsCredentials) {
        this.settings = settings;
        this.environment = environment;
        this.readsCredentials = readsCredentials;
    }

    Configuration read() throws ConfigException {
        @Nullable Path dialectsFile = file(Keys.DIALECTS, "");
        Dialects dialects = attempt(
                        Keys.DIALECTS,
                        "",
                        () -> dialectsFile == null ? Dialects.builtIn() : Dialects.with(dialectsFile))
                .orElse(Dialects.builtIn());
        List<Profile> profiles = profiles();
        double fastest = profiles.stream().mapToDouble(Profile::fps).max().orElse(Profile.DEFAULT.fps());
        List<Configuration.Camera> cameras = new ArrayList<>();
        for (String name : settings.names("cameras")) {
            cameras.add(camera(name, fastest, dialects));
        }
        if (cameras.isEmpty() && !mayHaveLostCameras()) {
            tell(
                    settings.origin(),
                    "cameras",
                    "expected at least one: in a file 'cameras: {harbour: {source: vbc10://192.0.2.10}}', or --camera"
                            + " harbour=vbc10://192.0.2.10");
        }
        Set<Format> formats = new LinkedHashSet<>(must(Keys.FORMATS));
        if (formats.isEmpty()) {
            settings.setting(Keys.FORMATS, "").ifPresent(at -> tell(at.at(), at.path(), "expected at least one"));
        }
        if (!settings.problems().isEmpty()) {
            throw new ConfigException(
                    settings.problems().stream().distinct().sorted().toList());
        }
        return new Configuration(
                must(Keys.LISTEN),
                settings.get(Keys.ADMIN_LISTEN),
                cameras,
                profiles,
                formats,
                limits(),
                Objects.requireNonNullElse(settings.get(Keys.TRUSTED_PROXIES), List.of()),
                new LinkedHashSet<>(Objects.requireNonNullElse(settings.get(Keys.CORS_ORIGINS), List.of())),
                must(Keys.HISTORY),
                stateDirectory(),
                dialectsFile,
                must(Keys.LOG_LEVEL),
                must(Keys.LOG_FORMAT),
                accessLog());
    }

    /** Whether a file could not be read, or what it says of cameras, so that nobody knows how many there would be. */
    private boolean mayHaveLostCameras() {
        return settings.problems().stream()
                .anyMatch(problem -> problem.path().isEmpty() || problem.path().startsWith("cameras"));
    }

    private Configuration.Camera camera(String name, double fastest, Dialects dialects) {
        boolean onDemand = must(Keys.ON_DEMAND, name);
        Double fps = settings.get(Keys.CAMERA_FPS, name);
        return new Configuration.Camera(
                name,
                sources(name, dialects),
                fps == null ? fastest : fps,
                settings.get(Keys.CAMERA_SIZE, name),
                must(Keys.READ_TIMEOUT, name),
                must(Keys.PARTIAL_FRAMES, name),
                must(Keys.HOLD_FOR, name),
                onDemand ? must(Keys.IDLE_TIMEOUT, name) : null);
    }

    private List<CameraArgument> sources(String name, Dialects dialects) {
        String path = Keys.SOURCE.path(name);
        List<Item> items = settings.at(path).map(Setting::items).orElse(List.of());
        List<CameraArgument> sources = new ArrayList<>();
        for (Item item : items) {
            List<String> texts = Type.SOURCES.split(item.text());
            if (texts.size() > 1
                    && !texts.stream().allMatch(text -> ADDRESS.matcher(text).lookingAt())) {
                tell(item.at(), path, CameraFlag.NO_ADDRESSES);
                continue;
            }
            for (String text : texts) {
                try {
                    CameraArgument source = CameraArgument.parse(text, dialects);
                    if (source instanceof CameraArgument.Captured captured && !Files.isRegularFile(captured.file())) {
                        tell(item.at(), path, "replay: no such file " + captured.file());
                    }
                    sources.add(source);
                } catch (IllegalArgumentException e) {
                    String why = String.valueOf(e.getMessage()).replaceFirst("^camera: ", "");
                    tell(item.at(), path, why);
                }
            }
        }
        if (items.isEmpty()) {
            Origin at = settings.firstBelow("cameras." + name + ".");
            tell(at, path, "missing; expected an address such as vbc10://192.0.2.10");
        }
        return withPassword(name, sources);
    }

    private List<CameraArgument> withPassword(String name, List<CameraArgument> sources) {
        Optional<Setting> given = settings.at(Keys.PASSWORD.path(name));
        Optional<Setting> file = settings.at(Keys.PASSWORD_FILE.path(name));
        if (given.isEmpty() && file.isEmpty()) {
            return sources;
        }
        Setting setting = file.orElseGet(given::get);
        if (given.isPresent() && file.isPresent()) {
            tell(setting.at(), setting.path(), "expected no password beside it; take one of the two away");
            return sources;
        }
        String password = given.isPresent() ? settings.get(Keys.PASSWORD, name) : readPassword(name, setting);
        List<CameraArgument> complete = new ArrayList<>();
        boolean isUsed = false;
        for (CameraArgument source : sources) {
            CameraArgument with = source instanceof CameraArgument.Remote remote && password != null
                    ? new CameraArgument.Remote(withPassword(remote.address(), password))
                    : source;
            isUsed |= !with.equals(source);
            complete.add(with);
        }
        if (!isUsed && password != null && !sources.isEmpty()) {
            tell(
                    setting.at(),
                    setting.path(),
                    "expected an address with a user and without a password, such as vbc10://user@192.0.2.10");
        }
        return complete;
    }

    /** The address, with this password if it names a user and none. */
    private static CameraAddress withPassword(CameraAddress address, String password) {
        Login login = address.login();
        if (login == null || login.password() != null) {
            return address;
        }
        Login complete = new Login(login.user(), password);
        if (address instanceof NativeAddress at) {
            return new NativeAddress(
                    at.host(), at.port(), complete, at.dialect(), at.size(), at.controlPort(), at.httpPort());
        }
        if (address instanceof HttpAddress at) {
            return new HttpAddress(
                    at.kind(), at.host(), at.port(), complete, at.target(), at.size(), at.anyCertificate());
        }
        return address;
    }

    /** The file's first line; null, and told, if there is none. What stands for it, if it is a credential that can't be read here. */
    private @Nullable String readPassword(String name, Setting setting) {
        if (!readsCredentials && setting.items().get(0).text().startsWith(CREDENTIALS)) {
            return ShownConfig.MASK;
        }
        Path file = file(Keys.PASSWORD_FILE, name);
        if (file == null) {
            return null;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(MAX_PASSWORD_BYTES + 1), StandardCharsets.UTF_8);
            String password = text.lines().findFirst().orElse("");
            if (password.getBytes(StandardCharsets.UTF_8).length > MAX_PASSWORD_BYTES) {
                tell(
                        setting.at(),
                        setting.path(),
                        "expected at most " + MAX_PASSWORD_BYTES + " bytes in the first line of " + file);
            } else if (password.isEmpty()) {
                tell(setting.at(), setting.path(), "expected a password in the first line of " + file);
            } else {
                return password;
            }
        } catch (NoSuchFileException e) {
            tell(setting.at(), setting.path(), "no such file " + file);
        } catch (AccessDeniedException e) {
            tell(setting.at(), setting.path(), "permission denied for " + file);
        } catch (IOException e) {
            tell(setting.at(), setting.path(), "cannot read " + file + ": " + e.getMessage());
        }
        return null;
    }

    private List<Profile> profiles() {
        Set<String> names = new LinkedHashSet<>(List.of(Profile.DEFAULT_NAME));
        names.addAll(settings.names("outputs"));
        List<Profile> profiles = new ArrayList<>();
        names.forEach(name -> attempt(Keys.QMAX, name, () -> profile(name)).ifPresent(profiles::add));
        return profiles;
    }

    private Profile profile(String name) {
        return new Profile(
                name,
                must(Keys.FPS, name),
                must(Keys.BITRATE, name).ofStream(),
                settings.get(Keys.SIZE, name),
                must(Keys.GOP, name),
                quantisers(settings.get(Keys.QMIN, name), settings.get(Keys.QMAX, name)),
                Map.of(
                        Format.FLV,
                        must(Keys.PROFILE_FLV, name),
                        Format.WEBM,
                        must(Keys.PROFILE_WEBM, name),
                        Format.MP4,
                        must(Keys.PROFILE_MP4, name)));
    }

    /** One limit alone leaves the other end open. */
    private static @Nullable Quantisers quantisers(@Nullable Integer min, @Nullable Integer max) {
        return min == null && max == null
                ? null
                : new Quantisers(min == null ? Quantisers.FINEST : min, max == null ? Quantisers.COARSEST : max);
    }

    private Limits limits() {
        ViewerLimits usual = ViewerLimits.DEFAULT;
        return new Limits(
                must(Keys.VIEWERS),
                must(Keys.VIEWERS_PER_CAMERA),
                must(Keys.VIEWERS_PER_ADDRESS),
                must(Keys.BANDWIDTH).bitsPerSecond(),
                must(Keys.ENCODERS),
                new ViewerLimits(must(Keys.VIEWER_LAG), usual.ringBytes(), usual.stall()),
                must(Keys.BATCH));
    }

    private @Nullable Path stateDirectory() {
        // systemd separates several directories by colons; the unit asks for one.
        String ofService = environment.get("STATE_DIRECTORY");
        Path own = file(Keys.STATE_DIR, "");
        return own == null && ofService != null ? Path.of(ofService) : own;
    }

    private @Nullable Path accessLog() {
        String text = settings.get(Keys.ACCESS_LOG);
        return AccessLog.STANDARD_OUTPUT.toString().equals(text)
                ? AccessLog.STANDARD_OUTPUT
                : file(Keys.ACCESS_LOG, "");
    }

    /** What a key names; beside the file that names it, unless the path begins at the root. */
    private @Nullable Path file(Key<String> key, String name) {
        String text = settings.get(key, name);
        Optional<Setting> setting = settings.setting(key, name);
        if (text == null || setting.isEmpty()) {
            return null;
        }
        Origin at = setting.get().at();
        if (text.startsWith(CREDENTIALS)) {
            String directory = environment.get("CREDENTIALS_DIRECTORY");
            if (directory == null) {
                tell(at, key.path(name), "CREDENTIALS_DIRECTORY is not set; systemd does with LoadCredential=");
                return null;
            }
            text = directory + text.substring(CREDENTIALS.length());
        }
        try {
            return at.isFile() ? Path.of(at.name()).toAbsolutePath().resolveSibling(text) : Path.of(text);
        } catch (IllegalArgumentException e) {
            tell(at, key.path(name), "expected the name of a file");
            return null;
        }
    }

    /** Empty, and told where the key is said, if it throws. */
    private <T> Optional<T> attempt(Key<?> key, String name, Supplier<T> maker) {
        try {
            return Optional.of(maker.get());
        } catch (IllegalArgumentException e) {
            Origin at = settings.setting(key, name).map(Setting::at).orElseGet(() -> settings.firstBelow("outputs."));
            tell(at, key.path(name), String.valueOf(e.getMessage()).replaceFirst("^" + key.name() + ": ", ""));
            return Optional.empty();
        }
    }

    private <T> T must(Key<T> key) {
        return must(key, "");
    }

    private <T> T must(Key<T> key, String name) {
        return Objects.requireNonNull(settings.get(key, name), key::toString);
    }

    private void tell(Origin at, String path, String message) {
        settings.problems().add(new Problem(at, path, message));
    }
}
