package io.vbrelay.camera.http;

import static io.vbrelay.camera.Pictures.hex;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.LeakPresenceDetector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LenientResponseDecoderTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new LenientResponseDecoder());

    @AfterEach
    void everyBufferIsReleased() {
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\n\r\nBODY",
                "HTTP/1.0 200 OK\nContent-Type: image/jpeg\n\nBODY",
                "\r\n\r\nHTTP/1.0 200\r\ncontent-type:image/jpeg\r\n\r\nBODY",
                "ICY 200 OK\r\nContent-Type: image/jpeg\r\n\r\nBODY",
                "HTTP 200 OK\r\nContent-Type: image/jpeg\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: -1\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: unknown\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\nBODY",
                "HTTP/1.1 200 OK\r\nNo colon here\r\nA b c: d\r\nServer: \u00e9\r\n folded\r\nContent-Type : image/jpeg\r\n\r\nBODY",
                "HTTP/1.0 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nBODY\r\n0\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nTransfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n4;x=y\r\nBODY\r\n0\r\n\r\n"
            })
    void headsOfCamerasAreRead(String response) {
        channel.writeInbound(Unpooled.copiedBuffer(response, ISO_8859_1));
        channel.finish();

        HttpResponse head = channel.readInbound();
        assertThat(head.decoderResult().isSuccess()).isTrue();
        assertThat(head.status().code()).isEqualTo(200);
        assertThat(head.headers().get("Content-Type")).isEqualTo("image/jpeg");
        StringBuilder body = new StringBuilder();
        Object last = null;
        for (HttpContent part = channel.readInbound(); part != null; part = channel.readInbound()) {
            body.append(part.content().toString(ISO_8859_1));
            last = part;
            part.release();
        }
        assertThat(body).hasToString("BODY");
        assertThat(last).isInstanceOf(LastHttpContent.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2\r\n",
                "220 mail.example ESMTP\r\n",
                "--boundary\r\n",
                "ICY OK\r\n",
                "HTTP/1.1 yes no\r\n"
            })
    void otherProtocolsAreNot(String greeting) {
        channel.writeInbound(Unpooled.copiedBuffer(greeting + "\r\n\r\n", ISO_8859_1));
        HttpResponse head = channel.readInbound();
        assertThat(head.decoderResult().isFailure()).isTrue();
    }

    @Test
    void endlessHeadIsRefused() {
        channel.writeInbound(Unpooled.copiedBuffer("HTTP/1.0 200 OK\r\n", ISO_8859_1));
        for (int i = 0; i < 5000; i++) {
            channel.writeInbound(Unpooled.copiedBuffer("X-Header-" + i + ": value\r\n", ISO_8859_1));
        }
        HttpResponse head = channel.readInbound();
        assertThat(head.decoderResult().isFailure()).isTrue();
    }

    @Test
    void answerInTlsIsRecognised() {
        // A fatal alert, protocol_version (RFC 8446, section 6).
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.wrappedBuffer(hex("15 0301 0002 0246"))))
                .isInstanceOf(CorruptedFrameException.class)
                .hasMessageContaining("https://");
    }
}
