package io.vbrelay.relay;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The programs of others that read our streams, as players would. */
public final class Programs {
    private static final int PATIENCE_SECONDS = 60;

    /** What a program that has ended left behind. */
    public record Result(int exitCode, String out, String err) {}

    private Programs() {}

    /** Starts a program; its streams are as the builder says. */
    public static Process start(ProcessBuilder program) {
        try {
            return program.start();
        } catch (IOException e) {
            throw new AssertionError(program.command().get(0) + " is missing, ./check installs it", e);
        }
    }

    /** Runs a program to its end; it reads nothing. */
    public static Result run(String... command) throws IOException, InterruptedException {
        return run(Path.of("/dev/null"), command);
    }

    /** Runs a program that reads a file to its end. */
    static Result run(Path in, String... command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("program", ".out");
        Path err = Files.createTempFile("program", ".err");
        try {
            Process process = start(new ProcessBuilder(command)
                    .redirectInput(in.toFile())
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile()));
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError(List.of(command) + " does not end; it said: " + Files.readString(err));
            }
            return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** What {@code ffprobe} shows of a stream: the lines of one section, each with the values of these entries. */
    public static List<String> probe(String url, String entries, String... options)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("ffprobe", "-v", "error"));
        command.addAll(List.of("-analyzeduration", "500000")); // FLV's would wait for sound.
        command.addAll(List.of(options));
        command.addAll(List.of("-show_entries", entries, "-of", "csv=p=0", url));
        Result result = run(command.toArray(String[]::new));
        if (result.exitCode() != 0 || !result.err().isEmpty()) {
            throw new AssertionError("ffprobe " + url + " ended with " + result.exitCode() + ": " + result.err());
        }
        return result.out().lines().filter(line -> !line.isBlank()).toList();
    }
}
