package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a session file (docs/capture-format.md), one record at a time.
 *
 * <p>A capture may end at any byte, because the disk was full or the program was killed: then the records that are whole
 * are read and the rest is left out, without an error.
 *
 * <p><b>Ownership.</b> Closes the stream it was given.
 *
 * <p><b>Threads.</b> Blocks; used by one thread.
 */
public final class SessionReader implements AutoCloseable {
    private final DataInputStream in;
    private long position;
    private long lastTimeUs;

    public SessionReader(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in));
    }

    public static SessionReader open(Path file) throws IOException {
        return new SessionReader(Files.newInputStream(file));
    }

    /**
     * The next record, or null when there is no whole record left.
     *
     * @throws IOException also when this is not a session file, in one line
     */
    public @Nullable SessionRecord next() throws IOException {
        try {
            if (position == 0) {
                readFirstLine();
            }
            return readRecord();
        } catch (EOFException e) {
            return null;
        }
    }

    private void readFirstLine() throws IOException {
        byte[] line = in.readNBytes(SessionFormat.FIRST_LINE.length);
        if (!Arrays.equals(line, Arrays.copyOf(SessionFormat.FIRST_LINE, line.length))) {
            String expected = new String(SessionFormat.FIRST_LINE, US_ASCII).strip();
            throw new IOException("session: expected a file that begins with '" + expected + "'");
        }
        position = line.length;
    }

    private SessionRecord readRecord() throws IOException {
        Direction direction = direction(in.readByte());
        long timeUs = in.readLong();
        if (timeUs < lastTimeUs) {
            throw malformed("a time of at least " + lastTimeUs + " us", timeUs);
        }
        long length = in.readInt() & 0xFFFF_FFFFL;
        if (length > SessionFormat.MAX_RECORD_BYTES) {
            throw malformed("a length of at most " + SessionFormat.MAX_RECORD_BYTES, length);
        }
        byte[] bytes = new byte[(int) length];
        in.readFully(bytes);
        position += SessionFormat.RECORD_HEADER_BYTES + length;
        lastTimeUs = timeUs;
        return new SessionRecord(direction, timeUs, bytes);
    }

    private Direction direction(byte mark) throws IOException {
        for (Direction direction : Direction.values()) {
            if (direction.mark() == mark) {
                return direction;
            }
        }
        throw malformed("a direction of 62 (>) or 60 (<)", mark & 0xFF);
    }

    private IOException malformed(String expected, long got) {
        return new IOException(
                "session: record at byte " + position + ": expected " + expected + ", got '" + got + "'");
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
