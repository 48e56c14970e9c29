package io.vbrelay.camera.session;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a session file (docs/capture-format.md) and masks the credential in it.
 *
 * <p><b>Ownership.</b> Closes the stream it was given.
 *
 * <p><b>Threads.</b> Blocks; used by one thread.
 */
public final class SessionWriter implements AutoCloseable {
    private final DataOutputStream out;
    private final CredentialMask mask = new CredentialMask();

    public SessionWriter(OutputStream out) throws IOException {
        this.out = new DataOutputStream(new BufferedOutputStream(out));
        this.out.write(SessionFormat.FIRST_LINE);
    }

    /**
     * Creates the file.
     *
     * @throws java.nio.file.FileAlreadyExistsException rather than overwrite a session
     */
    public static SessionWriter create(Path file) throws IOException {
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            return new SessionWriter(out);
        } catch (IOException e) {
            out.close();
            throw e;
        }
    }

    /** Appends one record, or several when it is longer than a record may be. */
    public void write(SessionRecord piece) throws IOException {
        byte[] bytes = piece.bytes().clone();
        if (piece.direction() == Direction.TO_CAMERA) {
            mask.apply(bytes);
        }
        for (int at = 0; at < bytes.length; at += SessionFormat.MAX_RECORD_BYTES) {
            int length = Math.min(SessionFormat.MAX_RECORD_BYTES, bytes.length - at);
            out.writeByte(piece.direction().mark());
            out.writeLong(piece.timeUs());
            out.writeInt(length);
            out.write(bytes, at, length);
        }
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
