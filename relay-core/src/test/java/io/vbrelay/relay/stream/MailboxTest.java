package io.vbrelay.relay.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.LeakPresenceDetector;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MailboxTest {
    private static final long FOR_EVER_NS = TimeUnit.DAYS.toNanos(1);

    private final Counter replaced = new SimpleMeterRegistry().counter("replaced");
    private final Mailbox<ByteBuf> mailbox = new Mailbox<>(replaced);
    private final ByteBuf first = Unpooled.buffer();
    private final ByteBuf second = Unpooled.buffer();

    @AfterEach
    void everyBufferIsReleased() {
        mailbox.close();
        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(second.refCnt()).isEqualTo(1);
        first.release();
        second.release();
        LeakPresenceDetector.check();
    }

    private @Nullable ByteBuf take() throws InterruptedException {
        ByteBuf taken = mailbox.poll(FOR_EVER_NS);
        if (taken != null) {
            taken.release();
        }
        return taken;
    }

    @Test
    void newestWinsAndTheReplacedOneIsReleasedAndCounted() throws InterruptedException {
        mailbox.put(first);
        mailbox.put(second);

        assertThat(first.refCnt()).isEqualTo(1);
        assertThat(replaced.count()).isEqualTo(1);
        assertThat(take()).isSameAs(second);
    }

    @Test
    void readerWaitsForTheWriter() throws Exception {
        CompletableFuture<@Nullable ByteBuf> taken = CompletableFuture.supplyAsync(() -> {
            try {
                return take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        mailbox.put(first);

        assertThat(taken.get()).isSameAs(first);
    }

    @Test
    void wakingEndsOneWaitWithoutAnItem() throws InterruptedException {
        mailbox.wake();

        assertThat(mailbox.poll(FOR_EVER_NS)).isNull();
        mailbox.put(first);
        assertThat(take()).isSameAs(first);
    }

    @Test
    void waitingEndsWithTheTimeout() throws InterruptedException {
        assertThat(mailbox.poll(1)).isNull();
        assertThat(mailbox.poll(-5)).isNull();
    }

    @Test
    void closedMailboxHoldsNothingAndLetsTheReaderGo() throws InterruptedException {
        mailbox.put(first);
        mailbox.close();
        mailbox.put(second);

        assertThat(mailbox.isClosed()).isTrue();
        assertThat(mailbox.poll(FOR_EVER_NS)).isNull();
    }
}
