package io.vbrelay.relay.transcode.ffmpeg;

import static org.bytedeco.ffmpeg.global.avcodec.AV_PKT_FLAG_KEY;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.bytedeco.ffmpeg.avcodec.AVPacket;

/** One compressed picture, lent by its encoder until that gives the next one. */
public final class EncodedPicture {
    private final AVPacket packet;
    private final long number;

    EncodedPicture(AVPacket packet, long number) {
        this.packet = packet;
        this.number = number;
    }

    AVPacket packet() {
        return packet;
    }

    /** Which picture it is, by the number that its encoder was given with it. */
    public long number() {
        return number;
    }

    /** A copy of the compressed bytes, for the caller to release. */
    public ByteBuf copy() {
        ByteBuf bytes = ByteBufAllocator.DEFAULT.directBuffer(packet.size());
        return bytes.writeBytes(packet.data().limit(packet.size()).asByteBuffer());
    }

    public boolean isKeyframe() {
        return (packet.flags() & AV_PKT_FLAG_KEY) != 0;
    }
}
