package io.vbrelay.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** What a command that was run in this process has said, and its exit code. */
record Outcome(int exitCode, String out, String err) {
    static Outcome of(String... arguments) {
        return of(Map.of(), arguments);
    }

    static Outcome of(Map<String, String> environment, String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine commandLine = Main.commandLine(environment);
        commandLine.setOut(new PrintWriter(out));
        commandLine.setErr(new PrintWriter(err));
        int exitCode = commandLine.execute(arguments);
        AllSaid.add(out + "\n" + err);
        return new Outcome(exitCode, out.toString(), err.toString());
    }
}
