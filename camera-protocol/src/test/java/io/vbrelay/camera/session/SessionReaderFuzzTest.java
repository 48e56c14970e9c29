package io.vbrelay.camera.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Whatever a file holds, records come out, or one line that says what is wrong; the same however the disk cuts it. */
class SessionReaderFuzzTest {
    @FuzzTest
    void file(byte[] bytes) {
        List<String> events = read(new ByteArrayInputStream(bytes), bytes.length);
        InputStream byteByByte = new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] to, int offset, int length) {
                return super.read(to, offset, Math.min(1, length));
            }
        };
        assertThat(read(byteByByte, bytes.length)).isEqualTo(events);
    }

    private static List<String> read(InputStream in, int fileBytes) {
        List<String> events = new ArrayList<>();
        int recordBytes = 0;
        try (SessionReader reader = new SessionReader(in)) {
            events.add("camera " + reader.camera());
            for (SessionRecord next = reader.next(); next != null; next = reader.next()) {
                recordBytes += next.bytes().length;
                events.add(next.direction() + " " + next.timeUs() + " " + Arrays.hashCode(next.bytes()));
            }
        } catch (IOException e) {
            assertThat(e.getMessage()).startsWith("session: ").hasLineCount(1);
            events.add(e.getMessage());
        }
        assertThat(recordBytes).isLessThanOrEqualTo(fileBytes);
        return events;
    }
}
