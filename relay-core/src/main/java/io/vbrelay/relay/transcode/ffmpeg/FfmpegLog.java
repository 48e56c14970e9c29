package io.vbrelay.relay.transcode.ffmpeg;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacv.FFmpegLogCallback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what FFmpeg logs to SLF4J, or, while something is tried that may well fail, into that failure's message: FFmpeg's return value only
 * says "Invalid argument", and its log says why.
 *
 * <p><b>Threads.</b> Any. An attempt hears its own thread only.
 */
final class FfmpegLog extends FFmpegLogCallback {
    /** Kept for ever: FFmpeg only knows its address. */
    static final FfmpegLog INSTANCE = new FfmpegLog();

    private static final Logger log = LoggerFactory.getLogger(FfmpegLog.class);

    /** What FFmpeg puts before each line, such as {@code [h264_nvenc @ 0x7fdba03b6800] }. */
    private static final Pattern SPEAKER = Pattern.compile("\\[[^]]* @ [^]]*] ");

    private static final ThreadLocal<@Nullable List<String>> heard = new ThreadLocal<>();

    private FfmpegLog() {}

    /** What may fail. */
    interface Attempt<T> {
        T make() throws FfmpegException;
    }

    /**
     * Makes something; FFmpeg's own lines about it go to the log at debug level only.
     *
     * @throws FfmpegException whose message begins with {@code what} and goes on with the first thing that FFmpeg said was wrong: later ones
     *     tend to be what follows from it
     */
    static <T> T attempt(String what, Attempt<T> attempt) throws FfmpegException {
        List<String> said = new ArrayList<>();
        heard.set(said);
        try {
            return attempt.make();
        } catch (FfmpegException e) {
            throw new FfmpegException(what + ": " + (said.isEmpty() ? e.getMessage() : said.get(0)));
        } finally {
            heard.remove();
        }
    }

    @Override
    public void call(int level, BytePointer message) {
        List<String> said = heard.get();
        if (said == null) {
            super.call(level, message);
            return;
        }
        String line = SPEAKER.matcher(message.getString()).replaceAll("").strip();
        line = line.endsWith(".") ? line.substring(0, line.length() - 1) : line;
        log.debug("{}", line);
        said.add(line);
    }
}
