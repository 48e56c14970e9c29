package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_AV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_FLV1;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_H264;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP8;
import static org.bytedeco.ffmpeg.global.avcodec.AV_CODEC_ID_VP9;
import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the encoder of a container: of those that the operator named the first that can be opened on this machine, else the usual
 * one. Each that can't be is told once, in one line.
 */
public final class EncoderFinder {
    private static final PictureSize TRIED_SIZE = new PictureSize(640, 480);
    private static final Logger log = LoggerFactory.getLogger(EncoderFinder.class);

    private final Map<EncoderChoice, Boolean> opens = new HashMap<>();

    /**
     * Tries the named encoders, best first.
     *
     * @param names words such as {@code vp9}, or FFmpeg's names such as {@code h264_vaapi}
     * @throws IllegalArgumentException in one line, when what is named cannot be carried by the container
     */
    public EncoderChoice find(Format container, List<String> names) {
        for (String name : names) {
            Optional<EncoderChoice> choice = named(name);
            if (choice.isEmpty()) {
                log.warn(
                        "{}: encoder '{}' is not in this build of FFmpeg, the next choice is used",
                        container.label(),
                        name);
                continue;
            }
            if (!codecs(container).contains(choice.get().codec())) {
                throw new IllegalArgumentException(
                        container.label() + ": expected an encoder of " + words(container) + ", got '" + name + "'");
            }
            if (opens.computeIfAbsent(choice.get(), EncoderFinder::opens)) {
                return choice.get();
            }
        }
        return usual(container).usual();
    }

    private static boolean opens(EncoderChoice choice) {
        try {
            VideoEncoder.open(choice, TRIED_SIZE, Profile.DEFAULT).close();
            return true;
        } catch (FfmpegException e) {
            log.warn("encoder {} cannot be used here, the next choice is: {}", choice.encoder(), e.getMessage());
            return false;
        }
    }

    private static Optional<EncoderChoice> named(String name) {
        Optional<EncoderChoice> word = Stream.of(Codec.values())
                .filter(codec -> codec.label().equals(name))
                .map(Codec::usual)
                .findFirst();
        if (word.isPresent()) {
            return word;
        }
        AVCodec encoder = avcodec_find_encoder_by_name(name);
        return encoder == null ? Optional.empty() : codec(encoder.id()).map(codec -> new EncoderChoice(codec, name));
    }

    private static Optional<Codec> codec(int id) {
        return switch (id) {
            case AV_CODEC_ID_H264 -> Optional.of(Codec.H264);
            case AV_CODEC_ID_VP8 -> Optional.of(Codec.VP8);
            case AV_CODEC_ID_VP9 -> Optional.of(Codec.VP9);
            case AV_CODEC_ID_AV1 -> Optional.of(Codec.AV1);
            case AV_CODEC_ID_FLV1 -> Optional.of(Codec.FLV1);
            default -> Optional.empty();
        };
    }

    /** Of those that players of this container know. */
    private static Set<Codec> codecs(Format container) {
        return switch (container) {
            case FLV -> Set.of(Codec.H264, Codec.FLV1);
            case MP4 -> Set.of(Codec.H264, Codec.VP9, Codec.AV1);
            case WEBM -> Set.of(Codec.VP8, Codec.VP9, Codec.AV1);
            case MJPEG, JPEG -> Set.of();
        };
    }

    private static Codec usual(Format container) {
        return container == Format.WEBM ? Codec.VP8 : Codec.H264;
    }

    private static String words(Format container) {
        return codecs(container).stream().map(Codec::label).sorted().collect(Collectors.joining(", "));
    }
}
