package io.vbrelay.camera.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Netty's decoder for responses, made to take what cameras send: lines that end with LF, a status line without an HTTP
 * version ({@code ICY 200 OK}), chunks together with HTTP/1.0 or with a length, a length that is no number or comes twice.
 * Without a length that can be true a body ends with its connection.
 *
 * <p>An answer in TLS, to a request that was not, is a {@link CorruptedFrameException} that says so.
 */
public final class LenientResponseDecoder extends HttpResponseDecoder {
    private static final int MAX_LINE_LENGTH = 8 * 1024;
    private static final int MAX_HEAD_LENGTH = 32 * 1024;

    /** A socket is read in at most as many bytes at a time. */
    private static final int MAX_CONTENT_LENGTH = 64 * 1024;

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    /** The type of a TLS record that holds an alert (RFC 8446, section 5.1), and no character of HTTP. */
    private static final byte TLS_ALERT = 21;

    private boolean begun;

    public LenientResponseDecoder() {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(MAX_LINE_LENGTH)
                .setMaxHeaderSize(MAX_HEAD_LENGTH)
                .setMaxChunkSize(MAX_CONTENT_LENGTH)
                .setStrictLineParsing(false)
                .setUseRfc9112TransferEncoding(false)
                .setHeadersFactory(new LenientHeadersFactory()));
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (!begun && in.isReadable()) {
            begun = true;
            if (in.getByte(in.readerIndex()) == TLS_ALERT) {
                in.skipBytes(in.readableBytes());
                throw new CorruptedFrameException("it answers in TLS, so its address begins with https://");
            }
        }
        super.decode(ctx, in, out);
    }

    @Override
    protected HttpMessage createMessage(String[] statusLine) {
        boolean named = statusLine[0].equals("ICY") || statusLine[0].equals("HTTP");
        return super.createMessage(named ? new String[] {"HTTP/1.0", statusLine[1], statusLine[2]} : statusLine);
    }

    private static final class LenientHeadersFactory implements HttpHeadersFactory {
        @Override
        public HttpHeaders newHeaders() {
            return new LenientHeaders();
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return new LenientHeaders();
        }
    }

    /** Takes the first length that is one, and no other. */
    private static final class LenientHeaders extends DefaultHttpHeaders {
        @SuppressWarnings("deprecation") // The factory that is to be used instead can't make a subclass.
        LenientHeaders() {
            super(false);
        }

        @Override
        public HttpHeaders add(CharSequence name, Object value) {
            if (HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
                    && (contains(name)
                            || !DIGITS.matcher(value.toString().strip()).matches())) {
                return this;
            }
            return super.add(name, value);
        }
    }
}
