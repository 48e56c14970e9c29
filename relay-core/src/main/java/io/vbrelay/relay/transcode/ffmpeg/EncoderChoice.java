package io.vbrelay.relay.transcode.ffmpeg;

/**
 * Which encoder makes a stream.
 *
 * @param encoder FFmpeg's name of it, such as {@code libopenh264} or {@code h264_vaapi}
 */
public record EncoderChoice(Codec codec, String encoder) {}
