package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.avcodec_find_encoder_by_name;

import io.vbrelay.camera.PictureSize;
import io.vbrelay.relay.config.Profile;
import io.vbrelay.relay.stream.Format;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the encoder of a container: of those that the operator named the first that can be opened on this machine, else the usual
 * one. Each that can't be is told once, in one line, with what is used instead.
 */
public final class EncoderFinder {
    private static final PictureSize USUAL_SIZE = new PictureSize(640, 480);
    private static final Logger log = LoggerFactory.getLogger(EncoderFinder.class);

    private final Map<Trial, Optional<String>> trials = new HashMap<>();
    private final Set<String> told = new HashSet<>();

    /** An encoder with these settings; FLV and MP4 ask for the same one. */
    private record Trial(EncoderChoice choice, Profile profile) {
        /** Why the encoder can't be opened, if it can't. */
        Optional<String> run() {
            PictureSize size = profile.size() == null ? USUAL_SIZE : profile.size();
            try {
                VideoEncoder.open(choice, size, profile).close();
                return Optional.empty();
            } catch (FfmpegException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }

    /** What could not be opened is tried again when it is next named: a driver may be there now, or have room. */
    public void forgetFailures() {
        trials.values().removeIf(Optional::isPresent);
        told.clear();
    }

    /**
     * Tries the encoders that the profile names for this container, best first: words such as {@code vp9}, or FFmpeg's names such as {@code
     * h264_vaapi}; then the usual one.
     *
     * @throws IllegalArgumentException in one line, when a name is no encoder's or its pictures cannot be carried by the container, or
     *     when no encoder can be opened for the profile
     */
    public EncoderChoice find(Format container, Profile profile) {
        Set<EncoderChoice> choices = new LinkedHashSet<>(); // The usual one may be named too.
        List<String> refusals = new ArrayList<>();
        for (String name : profile.encoders(container)) {
            named(container, name)
                    .ifPresentOrElse(
                            choices::add, () -> refusals.add("encoder " + name + ": not in this build of FFmpeg"));
        }
        choices.add(codecs(container).get(0).usual());
        for (EncoderChoice choice : choices) {
            Optional<String> refusal = trials.computeIfAbsent(new Trial(choice, profile), Trial::run);
            if (refusal.isEmpty()) {
                refusals.forEach(reason -> tell(reason + "; " + choice.encoder() + " is used instead"));
                return choice;
            }
            refusals.add(refusal.get());
        }
        throw new IllegalArgumentException(
                container.label() + " of profile " + profile.name() + ": " + String.join("; ", refusals));
    }

    /**
     * Checks a name that {@link #find} may be given. A word needs no native library.
     *
     * @throws IllegalArgumentException in one line, when it is no encoder's or its pictures cannot be carried by the container
     */
    public static void check(Format container, String name) {
        if (codecs(container).stream().noneMatch(codec -> codec.label().equals(name))) {
            named(container, name);
        }
    }

    private void tell(String line) {
        if (told.add(line)) {
            log.warn("{}", line);
        }
    }

    /** Empty for an encoder that this build lacks. */
    private static Optional<EncoderChoice> named(Format container, String name) {
        AVCodec encoder = avcodec_find_encoder_by_name(name);
        for (Codec codec : codecs(container)) {
            if (codec.label().equals(name)) {
                return Optional.of(codec.usual());
            }
            if (encoder != null && encoder.id() == codec.id()) {
                return Optional.of(new EncoderChoice(codec, name));
            }
        }
        // Those that some builds have and others lack are called libx264 or h264_amf; what else is unknown is a slip.
        if (encoder != null || !(name.startsWith("lib") || name.contains("_"))) {
            throw new IllegalArgumentException(container.label() + ": expected "
                    + codecs(container).stream().map(Codec::label).collect(Collectors.joining(", "))
                    + " or FFmpeg's name of an encoder of these, got '" + name + "'");
        }
        return Optional.empty();
    }

    /** Those that players of this container know, the usual one first. */
    static List<Codec> codecs(Format container) {
        return switch (container) {
            case FLV -> List.of(Codec.H264, Codec.FLV1);
            case WEBM -> List.of(Codec.VP8, Codec.VP9, Codec.AV1);
            case MP4 -> List.of(Codec.H264, Codec.VP9, Codec.AV1);
            case MJPEG, JPEG -> throw new IllegalArgumentException(container + " needs no encoder");
        };
    }
}
