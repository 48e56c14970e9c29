package io.vbrelay.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.nio.ByteBuffer;

/** Objects for systemd's journal, which takes the priority off and keeps the object as it is. Made by Logback. */
public final class JournalJsonEncoder extends JsonEncoder {
    @Override
    public byte[] encode(ILoggingEvent event) {
        byte[] priority = Journal.priority(event.getLevel()).getBytes(US_ASCII);
        byte[] object = super.encode(event);
        return ByteBuffer.allocate(priority.length + object.length)
                .put(priority)
                .put(object)
                .array();
    }
}
