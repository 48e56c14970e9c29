package io.vbrelay.relay.transcode;

import io.netty.buffer.ByteBuf;
import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.transcode.ffmpeg.Codec;
import io.vbrelay.relay.transcode.ffmpeg.FfmpegException;
import io.vbrelay.relay.transcode.ffmpeg.Picture;
import io.vbrelay.relay.transcode.ffmpeg.Placeholder;
import io.vbrelay.relay.transcode.ffmpeg.VideoEncoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The placeholder of the second, in all the sizes that somebody needs: each is drawn once, and kept for whoever comes until the
 * next second.
 *
 * <p><b>Ownership.</b> Its pictures and bytes are lent until {@link #renew} or {@link #close}.
 *
 * <p><b>Threads.</b> One thread at a time.
 */
final class StandIn implements AutoCloseable {
    private final Map<PictureSize, Picture> drawn = new HashMap<>();
    private List<String> lines = List.of();
    private long drawnNs;
    private @Nullable VideoEncoder jpegEncoder;
    private @Nullable PictureSize jpegSize;
    private @Nullable ByteBuf jpeg;
    private long jpegNumber;

    /** From now on these lines are shown. */
    void renew(List<String> newLines, long nowNs) {
        forget();
        lines = newLines;
        drawnNs = nowNs;
    }

    Picture picture(PictureSize size) throws FfmpegException {
        Picture picture = drawn.get(size);
        if (picture == null) {
            picture = Placeholder.draw(size, lines, drawnNs);
            drawn.put(size, picture);
        }
        return picture;
    }

    /** The picture as a file. */
    ByteBuf jpeg(PictureSize size) throws FfmpegException {
        if (jpeg == null || !size.equals(jpegSize)) {
            forgetJpeg();
            jpeg = Objects.requireNonNull(jpegEncoder(size).encode(picture(size), jpegNumber++, true))
                    .copy();
        }
        return jpeg;
    }

    /** Kept while the size stays, since opening one takes as long as a picture. */
    private VideoEncoder jpegEncoder(PictureSize size) throws FfmpegException {
        if (jpegEncoder != null && size.equals(jpegSize)) {
            return jpegEncoder;
        }
        closeEncoder();
        VideoEncoder opened = VideoEncoder.open(Codec.JPEG.usual(), size, Profile.DEFAULT);
        jpegEncoder = opened;
        jpegSize = size;
        return opened;
    }

    private void forget() {
        drawn.values().forEach(Picture::release);
        drawn.clear();
        forgetJpeg();
    }

    private void forgetJpeg() {
        if (jpeg != null) {
            jpeg.release();
            jpeg = null;
        }
    }

    private void closeEncoder() {
        if (jpegEncoder != null) {
            jpegEncoder.close();
            jpegEncoder = null;
        }
    }

    /** Frees everything; it can be used again. */
    @Override
    public void close() {
        forget();
        closeEncoder();
    }
}
