package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
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
    private @Nullable String camera;
    private long position;
    private long lastTimeUs;

    public SessionReader(InputStream in) {
        this.in = new DataInputStream(new BufferedInputStream(in));
    }

    public static SessionReader open(Path file) throws IOException {
        return new SessionReader(Files.newInputStream(file));
    }

    /**
     * The camera's address as a client needs it to say what was said in the session, with {@code *} for each byte of a
     * password; null when the file is cut off before its end.
     *
     * @throws IOException also when this is not a session file, in one line
     */
    public @Nullable String camera() throws IOException {
        if (position == 0) {
            try {
                readHead();
            } catch (EOFException e) {
                return null;
            }
        }
        return camera;
    }

    /**
     * The next record, or null when there is no whole record left.
     *
     * @throws IOException also when this is not a session file, in one line
     */
    public @Nullable SessionRecord next() throws IOException {
        if (camera() == null) {
            return null;
        }
        try {
            return readRecord();
        } catch (EOFException e) {
            return null;
        }
    }

    private void readHead() throws IOException {
        expect(SessionFormat.FIRST_LINE, "a file that begins");
        expect(SessionFormat.CAMERA, "a second line that begins");
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (byte next = in.readByte(); next != '\n'; next = in.readByte()) {
            if (line.size() == SessionFormat.MAX_CAMERA_BYTES || next < ' ' || next > '~') {
                throw new IOException("session: expected a camera's address of at most "
                        + SessionFormat.MAX_CAMERA_BYTES + " printable characters in the second line");
            }
            line.write(next);
        }
        camera = line.toString(US_ASCII);
        position += line.size() + 1;
    }

    private void expect(byte[] expected, String what) throws IOException {
        byte[] got = in.readNBytes(expected.length);
        position += got.length;
        if (!Arrays.equals(got, Arrays.copyOf(expected, got.length))) {
            throw new IOException(
                    "session: expected " + what + " with '" + new String(expected, US_ASCII).strip() + "'");
        }
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
