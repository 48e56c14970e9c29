package io.vbrelay.relay.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.LeakPresenceDetector;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.relay.TakenLog;
import io.vbrelay.relay.config.Limits;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A storm of viewers who are refused is counted by the viewer and logged by the minute. */
class RefusalsTest {
    private final TakenLog log = new TakenLog(Refusals.class);
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final Map<Limit, Counter> counters = Arrays.stream(Limit.values())
            .collect(Collectors.toMap(Function.identity(), limit -> registry.counter(limit.label())));
    private final Refusals refusals = new Refusals(() -> Limits.DEFAULT, counters);
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void takeTime() {
        channel.freezeTime();
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object answer, ChannelPromise written) {
                // Stays on its way, so that this connection, which stands for those of all, is not closed behind it.
                ReferenceCountUtil.release(answer);
            }
        });
        channel.pipeline().addLast("handler", new ChannelInboundHandlerAdapter());
    }

    @AfterEach
    void everyBufferIsReleased() {
        log.close();
        channel.finishAndReleaseAll();
        LeakPresenceDetector.check();
    }

    private void refuse(int viewers, Limit reached) {
        ChannelHandlerContext ctx = channel.pipeline().context("handler");
        for (int i = 0; i < viewers; i++) {
            refusals.answer(ctx, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"), reached);
        }
    }

    private void pass(int seconds) {
        channel.advanceTimeBy(seconds, TimeUnit.SECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void eachLimitTellsHowManyAfterASecondAndThenEachMinute() {
        refuse(1000, Limit.VIEWERS);
        refuse(20, Limit.BANDWIDTH);
        assertThat(log.lines()).isEmpty();

        pass(1);
        refuse(3, Limit.VIEWERS);
        pass(1);
        refuse(4, Limit.VIEWERS);
        pass(59);
        pass(60); // In which nobody is.
        refuse(5, Limit.VIEWERS);
        pass(1);

        assertThat(log.lines())
                .containsExactly(
                        "viewers refused within a second: 1000, limits.viewers (--max-viewers) 1000 is reached",
                        "viewers refused within a second: 20, limits.bandwidth (--max-bandwidth) 1000000000 is reached",
                        "viewers refused within a minute: 7, limits.viewers (--max-viewers) 1000 is reached",
                        "viewers refused within a second: 5, limits.viewers (--max-viewers) 1000 is reached");
        assertThat(registry.counter("viewers").count()).isEqualTo(1012);
        assertThat(registry.counter("bandwidth").count()).isEqualTo(20);
        assertThat(registry.counter("encoders").count()).isZero();
    }
}
