package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.timeout.ReadTimeoutException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a connection is closed, by a clock that the test moves. */
class IdleTimeoutTest {
    private static final int SECONDS = 30;

    private final SlowChannel channel = new SlowChannel();

    IdleTimeoutTest() {
        channel.freezeTime();
        channel.pipeline().addLast(new IdleTimeout(SECONDS));
    }

    /** One whose line takes bytes when the test says so. */
    private static final class SlowChannel extends EmbeddedChannel {
        private int room;

        @Override
        protected void doWrite(ChannelOutboundBuffer sending) {
            sending.removeBytes(room);
            room = 0;
        }

        void take(int bytes) {
            room = bytes;
            flush();
        }
    }

    @AfterEach
    void close() {
        channel.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void silentConnectionIsClosed() {
        pass(SECONDS - 1);
        assertThat(channel.isOpen()).isTrue();

        pass(1);
        assertTimedOut();
    }

    @Test
    void slowReaderGetsAllOfAnAnswer() {
        channel.write(Unpooled.wrappedBuffer(new byte[100]));
        for (int i = 0; i < 10; i++) {
            channel.take(10);
            assertThat(channel.isOpen()).isTrue();
            pass(SECONDS - 1);
        }
        assertThat(channel.unsafe().outboundBuffer().isEmpty()).isTrue();

        pass(1);
        assertTimedOut();
    }

    @Test
    void readerThatTakesNothingMoreIsClosed() {
        channel.write(Unpooled.wrappedBuffer(new byte[100]));
        channel.take(10);
        pass(2 * SECONDS);

        assertTimedOut();
    }

    private void assertTimedOut() {
        assertThat(channel.isOpen()).isFalse();
        assertThatThrownBy(channel::checkException).isInstanceOf(ReadTimeoutException.class);
    }

    private void pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }
}
