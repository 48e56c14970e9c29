package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What operators install: built, installed into an empty folder, run from there, removed. */
@Timeout(300)
class PackageIT {
    private static final Path DEBIAN = Path.of(System.getProperty("package.debian"));
    private static final Path ARCHIVE = Path.of(System.getProperty("package.archive"));

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** What is to be edited in the file as it is installed. */
    private static final Pattern EXAMPLE = Pattern.compile("(?m)^#(cameras:|  harbour:|    source: )(.*)$");

    private static final Pattern MODULE = Pattern.compile("<module>(.+)</module>");

    private static final Pattern IN_IMAGE = Pattern.compile("/usr/share/vbrelay/([^\\s\"]+)");

    @TempDir
    private Path directory;

    @Test
    void debianPackageShowsAPictureAfterThreeLinesAndIsGoneWhenPurged() throws Exception {
        assumeDebian();
        Path root = emptyRoot();
        dpkg(root, "--install", DEBIAN.toString());

        Path configuration = root.resolve("etc/vbrelay/vbrelay.yaml");
        assertThat(said("check", installed(root), "config", "check", "-c", configuration.toString()))
                .contains("cameras: expected at least one");
        assertThat(root.resolve("usr/lib/systemd/system/vbrelay.service"))
                .hasSameTextualContentAs(Path.of("..", "conf", "vbrelay.service"));
        assertThat(root.resolve("etc/systemd/system/multi-user.target.wants/vbrelay.service"))
                .isSymbolicLink();
        Files.writeString(
                configuration,
                EXAMPLE.matcher(Files.readString(configuration))
                        .replaceAll(
                                line -> line.group(1) + (line.group(1).endsWith("source: ") ? "test:640x480" : "")));
        assertShowsAPicture(
                installed(root),
                "run",
                "-c",
                configuration.toString(),
                "--listen",
                "127.0.0.1:0",
                "--state-dir",
                root + "/var/lib",
                "--log-level",
                "error");
        assertThat(root.resolve("usr/share/vbrelay/vbrelay.jsa")).isNotEmptyFile();

        dpkg(root, "--remove", "vbrelay");
        assertThat(files(root))
                .contains("etc/logrotate.d/vbrelay", "etc/vbrelay/vbrelay.yaml")
                .noneMatch(file -> file.startsWith("usr/"));
        for (String left : List.of(
                "etc/default/vbrelay",
                "etc/vbrelay/harbour.password",
                "var/lib/private/vbrelay/dialects",
                "var/cache/private/vbrelay/x",
                "var/log/private/vbrelay/access.log")) {
            Files.createDirectories(root.resolve(left).resolveSibling(""));
            Files.writeString(root.resolve(left), "left");
        }
        dpkg(root, "--purge", "vbrelay");
        assertThat(files(root)).isEmpty();
    }

    @Test
    void debianPackageHasNothingThatLintianMinds() throws Exception {
        assumeDebian();

        assertThat(said(
                        "lintian",
                        "lintian",
                        "--no-cfg",
                        "--allow-root",
                        "--tag-display-limit",
                        "0",
                        DEBIAN.toString()))
                .isEmpty();
    }

    @Test
    void archiveRunsWhereItIsUnpacked() throws Exception {
        said("tar", "tar", "-xzf", ARCHIVE.toString(), "-C", directory.toString());
        Path home = directory.resolve(ARCHIVE.getFileName().toString().replaceFirst("-linux-.*", ""));

        assertThat(said("version", home + "/bin/vbrelay", "--version")).matches("vbrelay \\d\\S+");
        assertThat(files(home))
                .contains(
                        "LICENSE",
                        "NOTICE",
                        "README.md",
                        "conf/vbrelay.yaml",
                        "docs/command-line.md",
                        "share/man/man1/vbrelay.1")
                .filteredOn(file -> file.startsWith("lib/") && file.matches(".*-(linux|macosx|windows)-.*"))
                .hasSize(3) // JavaCPP, FFmpeg, epoll
                .allMatch(file -> file.contains("x86_64") == ARCHIVE.toString().contains("x86_64"));
    }

    /** There is no engine here, so this is what can be held against it: it sees every module, and what it uses of the archive is there. */
    @Test
    void imageIsBuiltFromWhatIsThere() throws Exception {
        Path root = Path.of("..");
        String dockerfile = Files.readString(root.resolve("Dockerfile"));
        List<String> context = Files.readAllLines(root.resolve(".dockerignore"));
        List<String> archived = said("tar", "tar", "-tzf", ARCHIVE.toString())
                .lines()
                .map(file -> file.replaceFirst("^[^/]*/", ""))
                .toList();

        assertThat(MODULE.matcher(Files.readString(root.resolve("pom.xml"))).results())
                .isNotEmpty()
                .allSatisfy(module -> assertThat(context).contains("!" + module.group(1)));
        assertThat(context.stream().filter(line -> line.startsWith("!")))
                .allSatisfy(line -> assertThat(root.resolve(line.substring(1))).exists());
        assertThat(IN_IMAGE.matcher(dockerfile).results())
                .hasSizeGreaterThan(3)
                .allSatisfy(used -> assertThat(archived).contains(used.group(1)));
    }

    private static void assumeDebian() throws IOException {
        assumeTrue(Files.exists(Path.of("/etc/debian_version")), "only Debian has dpkg for sure");
    }

    private static String installed(Path root) {
        return root + "/usr/bin/vbrelay";
    }

    /** One in which dpkg knows of no package. */
    private Path emptyRoot() throws IOException {
        Path root = directory.resolve("root");
        Files.createDirectories(root.resolve("var/lib/dpkg/info"));
        Files.createDirectories(root.resolve("var/lib/dpkg/updates"));
        Files.createFile(root.resolve("var/lib/dpkg/status"));
        return root;
    }

    /** As root would, in whose place fakeroot is. The scripts are told the folder; what the package depends on is outside of it. */
    private void dpkg(Path root, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "fakeroot",
                "dpkg",
                "--root=" + root,
                "--force-script-chrootless",
                "--force-depends",
                "--log=/dev/null"));
        command.addAll(List.of(arguments));
        try (Program dpkg = Program.other(command)) {
            assertThat(dpkg.awaitExit(PATIENCE))
                    .as("%s %s", dpkg.out(), dpkg.err())
                    .isZero();
        }
    }

    private static int exitCode(String... command) throws Exception {
        try (Program program = Program.other(List.of(command))) {
            return program.awaitExit(PATIENCE);
        }
    }

    /** Standard output and error. */
    private static String said(String what, String... command) throws Exception {
        try (Program program = Program.other(List.of(command))) {
            program.awaitExit(PATIENCE);
            return String.join(
                    "\n",
                    Stream.concat(program.out().stream(), program.err().stream())
                            .toList());
        } catch (IOException e) {
            throw new AssertionError(what + " is missing, ./check installs it", e);
        }
    }

    private static void assertShowsAPicture(String... command) throws Exception {
        try (Program relay = Program.other(List.of(command))) {
            URI page = URI.create(relay.awaitOut("^vbrelay.*: (http://127\\.0\\.0\\.1:\\d+/)"));
            assertThat(said(
                            "ffprobe",
                            ("ffprobe -v error -show_entries stream=codec_name,width,height -of csv=p=0 "
                                            + page.resolve("live/harbour.flv"))
                                    .split(" ")))
                    .isEqualTo("h264,640,480");
            String healthy = command[0].replace("/usr/bin/vbrelay", "/usr/share/vbrelay/bin/healthy");
            assertThat(exitCode(healthy, page.getAuthority())).isZero();
            assertThat(exitCode("env", "VBRELAY_HEALTH=" + page.getAuthority(), healthy))
                    .isZero();
            relay.terminate();
            assertThat(relay.awaitExit()).isEqualTo(143);
            assertThat(relay.err()).as("with --log-level error").isEmpty();
            assertThat(exitCode(healthy, page.getAuthority())).isOne();
        }
    }

    /** All but dpkg's own. */
    private static List<String> files(Path root) throws IOException {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .map(file -> root.relativize(file).toString())
                    .filter(file -> !file.startsWith("var/lib/dpkg/"))
                    .toList();
        }
    }
}
