package io.vbrelay.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What systemd's journal gets: a priority before each line, and no time, which it knows. */
@Timeout(120)
class JournalTest {
    private static final String[] AWAY = {"run", "--camera", "tcp://127.0.0.1:1", "--listen", "127.0.0.1:0"};

    @Test
    void everyLineBeginsWithItsPriority() throws Exception {
        try (Program program = Program.startForJournal(AWAY)) {
            program.awaitErr("^<6>(vbrelay .* with FFmpeg .*)");
            program.awaitErr("^<4>(camera cam: .*)");
            program.terminate();
            program.awaitExit();
            assertThat(program.err()).allMatch(line -> line.matches("<[3-7]>.+"));
        }
    }

    @Test
    void objectsStayWholeBehindTheirPriority() throws Exception {
        try (Program program = Program.startForJournal(
                "run", "--camera", "tcp://127.0.0.1:1", "--log-format", "json", "--listen", "127.0.0.1:0")) {
            program.awaitErr("^<4>(\\{.*\"formattedMessage\":\"camera cam: .*})$");
        }
    }

    @Test
    void whatIsWrongAtTheStartIsAnError() throws Exception {
        try (Program program = Program.startForJournal("run", "--fps", "0")) {
            assertThat(program.awaitExit()).isEqualTo(2);
            assertThat(program.err()).isNotEmpty().allMatch(line -> line.startsWith("<3>vbrelay: "));
        }
    }

    /** Some other program's journal, whose variable was inherited. */
    @ParameterizedTest
    @ValueSource(strings = {"1:2", "", "nonsense"})
    void streamOfSomebodyElseIsNoJournal(String stream) {
        assertThat(Journal.isStandardError(Map.of("JOURNAL_STREAM", stream))).isFalse();
    }

    @Test
    void inheritedVariableChangesNothing() throws Exception {
        try (Program program = Program.start(Map.of("JOURNAL_STREAM", "1:2"), AWAY)) {
            program.awaitErr("^\\d{4}-\\d\\d-\\d\\dT.* WARN +(camera cam: .*)");
        }
    }

    @Test
    void everyLineOfAStackTraceHasThePriority() {
        LoggerContext context = new LoggerContext();
        LoggingEvent event = new LoggingEvent(
                "", context.getLogger("a"), Level.ERROR, "two\nlines", new IllegalStateException("why"), null);

        assertThat(new JournalLayout().doLayout(event).lines())
                .startsWith("<3>two", "<3>lines", "<3>java.lang.IllegalStateException: why")
                .hasSizeGreaterThan(4)
                .allMatch(line -> line.startsWith("<3>"));
    }
}
