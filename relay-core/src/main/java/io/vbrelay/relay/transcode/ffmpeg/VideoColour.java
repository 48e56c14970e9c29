package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avutil.AVCHROMA_LOC_CENTER;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_PRI_BT709;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_RANGE_MPEG;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_SPC_SMPTE170M;
import static org.bytedeco.ffmpeg.global.avutil.AVCOL_TRC_IEC61966_2_1;

import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * The colours of all video that is made here: sRGB, as in a JPEG without a profile; by BT.601's matrix, as in JFIF 1.02; in video
 * range, which is all that VP8 and Sorenson's H.263 know. Colour samples lie in the middle of those of luma, as in JFIF, so those
 * of a 4:2:0 JPEG stay as they are.
 *
 * <p>Chromium 156 shows H.264, VP8, VP9 and AV1 with these tags as it shows the JPEG, to within 4 of 255. So it does with BT.601's
 * primaries, or none; but with BT.470BG's, which go with FFmpeg's own tag of a JPEG's matrix, green and yellow are off by 29. sRGB's
 * primaries and curve are what is true, and there are players that convert every other.
 */
final class VideoColour {
    private VideoColour() {}

    static void tag(AVFrame frame) {
        frame.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_SMPTE170M);
        frame.color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_IEC61966_2_1);
        frame.chroma_location(AVCHROMA_LOC_CENTER);
    }

    static void tag(AVCodecContext context) {
        context.color_range(AVCOL_RANGE_MPEG).colorspace(AVCOL_SPC_SMPTE170M);
        context.color_primaries(AVCOL_PRI_BT709).color_trc(AVCOL_TRC_IEC61966_2_1);
        context.chroma_sample_location(AVCHROMA_LOC_CENTER);
    }
}
