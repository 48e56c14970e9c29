package io.vbrelay.relay;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.CorruptedFrameException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes multipart/x-mixed-replace apart (RFC 2046, section 5.1.1), byte for byte as the relay writes it. */
final class MjpegReader extends ByteToMessageDecoder {
    private static final int LONGEST_HEADERS = 400;
    private static final Pattern HEADERS = Pattern.compile("""
            (?:\r
            )?--vbrelayframe\r
            Content-Type: image/jpeg\r
            Content-Length: (\\d+)\r
            X-Timestamp: (\\d+)\\.(\\d{3})\r
            \r
            """);

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        String text = in.toString(in.readerIndex(), Math.min(in.readableBytes(), LONGEST_HEADERS), ISO_8859_1);
        Matcher headers = HEADERS.matcher(text);
        if (!headers.lookingAt()) {
            if (in.readableBytes() >= LONGEST_HEADERS) {
                throw new CorruptedFrameException("not the headers of a part");
            }
            return;
        }
        int length = Integer.parseInt(headers.group(1));
        if (in.readableBytes() < headers.end() + length) {
            return;
        }
        byte[] jpeg = ByteBufUtil.getBytes(in, in.readerIndex() + headers.end(), length);
        long timeMs = Long.parseLong(headers.group(2) + headers.group(3));
        out.add(new StreamPicture(System.nanoTime(), timeMs, true, jpeg));
        in.skipBytes(headers.end() + length);
    }
}
