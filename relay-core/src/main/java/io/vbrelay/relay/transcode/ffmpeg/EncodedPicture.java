package io.vbrelay.relay.transcode.ffmpeg;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** One compressed picture, lent by its encoder until that encodes the next one. */
public final class EncodedPicture {
    private final AVPacket packet;
    private final boolean keyframe;

    EncodedPicture(AVPacket packet, boolean keyframe) {
        this.packet = packet;
        this.keyframe = keyframe;
    }

    AVPacket packet() {
        return packet;
    }

    /** A copy of the compressed bytes, for the caller to release. */
    public ByteBuf copy() {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(packet.size());
        return bytes.writeBytes(packet.data().limit(packet.size()).asByteBuffer());
    }

    public boolean isKeyframe() {
        return keyframe;
    }
}
