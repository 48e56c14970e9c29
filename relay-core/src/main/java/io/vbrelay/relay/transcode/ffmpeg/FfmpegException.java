package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AV_ERROR_MAX_STRING_SIZE;
import static org.bytedeco.ffmpeg.global.avutil.av_strerror;

import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.Pointer;
import org.jspecify.annotations.Nullable;

/** A call into FFmpeg failed. The message names the call and FFmpeg's reason, in one line. */
public final class FfmpegException extends Exception {
    private static final long serialVersionUID = 1L;

    FfmpegException(String message) {
        super(message);
    }

    /** Passes a call's return value through, unless it is an error. */
    static int check(int returned, String call) throws FfmpegException {
        if (returned < 0) {
            throw new FfmpegException(call + ": " + reason(returned));
        }
        return returned;
    }

    /** Passes a call's result through, unless it is null, which is how FFmpeg reports that memory ran out. */
    static <P extends Pointer> P allocated(@Nullable P pointer, String call) throws FfmpegException {
        if (pointer == null || pointer.isNull()) {
            throw new FfmpegException(call + ": out of memory");
        }
        return pointer;
    }

    private static String reason(int error) {
        byte[] text = new byte[AV_ERROR_MAX_STRING_SIZE];
        av_strerror(error, text, text.length);
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        return new String(text, 0, end, StandardCharsets.UTF_8);
    }
}
