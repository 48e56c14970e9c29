package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts Java, with a Java that tells how it was started. */
@Timeout(60)
class LauncherTest {
    @TempDir
    private Path directory;

    private Path home = Path.of("");
    private Path java = Path.of("");
    private Path launcher = Path.of("");

    @BeforeEach
    void install() throws IOException {
        home = Files.createDirectory(directory.resolve("a home"));
        Path bin = Files.createDirectory(home.resolve("bin"));
        launcher = Files.copy(Path.of("src", "main", "dist", "bin", "vbrelay"), bin.resolve("vbrelay"));
        assertThat(launcher.toFile().setExecutable(true)).isTrue();
        java = directory.resolve("a java");
        Files.createDirectories(java.resolve("bin"));
        Path program = Files.writeString(
                java.resolve("bin/java"), "#!/bin/sh\nfor word in $$ \"$@\"; do echo \"$word\"; done\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        release("17.0.15");
    }

    @Test
    void becomesJavaWithItsOptionsAndPassesAllWordsOn() throws Exception {
        Process process = start(Map.of("VBRELAY_JAVA_OPTS", "-Xmx1g -ea"), "run", "--camera", "a camera");

        assertThat(said(process))
                .isEqualTo("%d\n@%s/java.options\n-Xmx1g\n-ea\n-jar\n%s/vbrelay.jar\nrun\n--camera\na camera\n"
                        .formatted(process.pid(), home, home));
    }

    @Test
    void usesTheServicesDirectoriesAndTheArchiveOfClassesThatIsThere() throws Exception {
        Files.writeString(home.resolve("vbrelay.jsa"), "classes");
        Map<String, String> environment =
                Map.of("CACHE_DIRECTORY", "/var/cache/vbrelay", "LOGS_DIRECTORY", "/var/log/vbrelay");

        assertThat(said(start(environment, "run")))
                .contains("\n-XX:ErrorFile=/var/log/vbrelay/hs_err_%p.log\n")
                .contains("\n-XX:SharedArchiveFile=" + home + "/vbrelay.jsa\n")
                .contains("\n-Dorg.bytedeco.javacpp.cachedir=/var/cache/vbrelay\n")
                .contains("\n-Dio.netty.native.workdir=/var/cache/vbrelay\n");
    }

    @Test
    void runsThroughLinks() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("vbrelay"), Path.of("a home/bin/vbrelay"));
        launcher = Files.createSymbolicLink(directory.resolve("link"), link);

        assertThat(said(start(Map.of()))).contains("\n" + home + "/vbrelay.jar\n");
    }

    @Test
    void saysWhatToDoWithoutJavaOrWithAnOldOne() throws Exception {
        release("11.0.2");
        assertThat(said(start(Map.of())))
                .startsWith("vbrelay: " + java + "/bin/java is Java 11; install a Java runtime, 17 or later");
        release("1.8.0_392");
        assertThat(said(start(Map.of()))).startsWith("vbrelay: " + java + "/bin/java is Java 1; ");
        assertThat(said(start(Map.of("JAVA_HOME", "/nowhere"))))
                .startsWith("vbrelay: no Java found in JAVA_HOME, /nowhere; install");
    }

    /** In the form that OpenJDK's build gives it. */
    private void release(String version) throws IOException {
        Files.writeString(java.resolve("release"), "IMPLEMENTOR=\"Nobody\"\nJAVA_VERSION=\"" + version + "\"\n");
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(launcher.toString()).redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.environment().keySet().removeIf(name -> name.startsWith("VBRELAY_") || name.endsWith("_DIRECTORY"));
        builder.environment().put("JAVA_HOME", java.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static String said(Process process) throws Exception {
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        int exitCode = process.waitFor();
        assertThat(exitCode).as(said).isEqualTo(said.startsWith("vbrelay: ") ? 1 : 0);
        return said;
    }
}
