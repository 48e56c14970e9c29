package io.vbrelay.camera.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a session file (docs/capture-format.md) and masks the credentials in what it records.
 *
 * <p><b>Ownership.</b> Closes the stream it was given.
 *
 * <p><b>Threads.</b> Blocks; used by one thread.
 */
public final class SessionWriter implements AutoCloseable {
    private final DataOutputStream out;
    private final byte[] credentials;
    private CredentialMask mask;

    /**
     * @param camera the camera's address as {@link SessionReader#camera} gives it back, its password masked by the caller:
     *     at most 8192 printable ASCII characters
     * @param credentials as {@link CredentialMask} takes them; empty when they are not known
     */
    public SessionWriter(OutputStream out, String camera, byte[] credentials) throws IOException {
        if (camera.length() > SessionFormat.MAX_CAMERA_BYTES || !camera.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw new IllegalArgumentException("camera: expected an address of at most "
                    + SessionFormat.MAX_CAMERA_BYTES + " printable ASCII characters");
        }
        this.credentials = credentials.clone();
        mask = new CredentialMask(credentials);
        this.out = new DataOutputStream(new BufferedOutputStream(out));
        this.out.write(SessionFormat.FIRST_LINE);
        this.out.write(SessionFormat.CAMERA);
        this.out.write((camera + "\n").getBytes(US_ASCII));
    }

    /**
     * Creates the file.
     *
     * @throws java.nio.file.FileAlreadyExistsException rather than overwrite a session
     */
    public static SessionWriter create(Path file, String camera, byte[] credentials) throws IOException {
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        try {
            return new SessionWriter(out, camera, credentials);
        } catch (IOException | RuntimeException e) {
            out.close();
            throw e;
        }
    }

    /** Appends one record, or several when it is longer than a record may be. */
    public void write(SessionRecord piece) throws IOException {
        byte[] bytes = piece.bytes().clone();
        if (piece.isEnd()) {
            mask = new CredentialMask(credentials);
            writeRecord(piece, bytes, 0, 0);
        } else if (piece.direction() == Direction.TO_CAMERA) {
            mask.apply(bytes);
        }
        for (int at = 0; at < bytes.length; at += SessionFormat.MAX_RECORD_BYTES) {
            writeRecord(piece, bytes, at, Math.min(SessionFormat.MAX_RECORD_BYTES, bytes.length - at));
        }
    }

    private void writeRecord(SessionRecord piece, byte[] bytes, int at, int length) throws IOException {
        out.writeByte(piece.direction().mark());
        out.writeLong(piece.timeUs());
        out.writeInt(length);
        out.write(bytes, at, length);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
