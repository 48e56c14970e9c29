package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the package's script does where systemd runs, with programs in a folder that stand for systemd's. The rest is {@link PackageIT}'s. */
@Timeout(60)
class PostinstTest {
    private static final Path DEB = Path.of("src", "main", "deb");

    @TempDir
    private Path root = Path.of("");

    private Path configuration = Path.of("");

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectories(root.resolve("run/systemd/system"));
        Files.createDirectories(root.resolve("etc/default"));
        configuration = Files.copy(
                DEB.resolve("vbrelay.yaml"),
                Files.createDirectories(root.resolve("etc/vbrelay")).resolve("vbrelay.yaml"));
        for (String program : List.of("deb-systemd-helper", "deb-systemd-invoke", "systemctl")) {
            Path file = Files.createDirectories(root.resolve("bin")).resolve(program);
            Files.writeString(file, "#!/bin/sh\necho \"${0##*/} $*\" >>" + root + "/done\n");
            assertThat(file.toFile().setExecutable(true)).isTrue();
        }
    }

    @Test
    void withoutACameraTheFirstInstallSaysWhatToDoAndStartsNothing() throws Exception {
        nothingRuns();

        assertThat(said("configure")).contains("name a camera in ");

        assertThat(invoked()).isEmpty();
    }

    @Test
    void cameraInTheConfigurationIsStarted() throws Exception {
        Files.writeString(configuration, "listen: 0.0.0.0:1\ncameras:\n  harbour: {source: 'test:'}\n");

        assertThat(said("configure")).doesNotContain("name a camera in ");

        assertThat(invoked()).containsExactly("deb-systemd-invoke start vbrelay.service");
    }

    @Test
    void cameraInTheServicesVariablesIsStarted() throws Exception {
        Files.writeString(root.resolve("etc/default/vbrelay"), "VBRELAY_CAMERA=harbour=test:\n");

        assertThat(said("configure")).doesNotContain("name a camera in ");

        assertThat(invoked()).containsExactly("deb-systemd-invoke start vbrelay.service");
    }

    /** Its cameras may be in a drop-in, which nobody looks for. */
    @Test
    void upgradeRestartsAServiceThatRuns() throws Exception {
        said("configure", "0.1.0");

        assertThat(invoked()).containsExactly("deb-systemd-invoke restart vbrelay.service");
    }

    @Test
    void upgradeRestartsAServiceThatHasACamera() throws Exception {
        Files.writeString(configuration, "cameras:\n  harbour: {source: 'test:'}\n");
        nothingRuns();

        assertThat(said("configure", "0.1.0")).doesNotContain("name a camera in ");

        assertThat(invoked()).containsExactly("deb-systemd-invoke restart vbrelay.service");
    }

    /** Which would fail, and be a failed unit after each upgrade. */
    @Test
    void upgradeStartsNothingWithoutACamera() throws Exception {
        nothingRuns();

        assertThat(said("configure", "0.1.0")).contains("name a camera in ");

        assertThat(invoked()).isEmpty();
    }

    private void nothingRuns() throws IOException {
        Files.writeString(
                root.resolve("bin").resolve("systemctl"),
                "\ncase $* in *is-active*) exit 3 ;; esac\n",
                StandardOpenOption.APPEND);
    }

    private String said(String... arguments) throws Exception {
        String script = Files.readString(DEB.resolve("control").resolve("postinst"))
                .replace(" /etc/", " " + root + "/etc/")
                .replace(" /run/", " " + root + "/run/")
                .replace("/usr/share/", root + "/usr/share/");
        List<String> command = new ArrayList<>(List.of(
                "env",
                "-u",
                "DPKG_ROOT",
                "PATH=" + root + "/bin:" + System.getenv("PATH"),
                "sh",
                Files.writeString(root.resolve("postinst"), script).toString()));
        command.addAll(List.of(arguments));
        try (Program postinst = Program.other(command)) {
            assertThat(postinst.awaitExit()).as("%s", postinst.err()).isZero();
            return String.join("\n", postinst.out());
        }
    }

    private List<String> invoked() throws IOException {
        try (Stream<String> all = Files.lines(root.resolve("done"))) {
            return all.filter(line -> line.startsWith("deb-systemd-invoke ")).toList();
        }
    }
}
