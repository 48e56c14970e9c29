package io.vbrelay.relay;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoop;
import io.vbrelay.relay.source.FoundDialects;
import io.vbrelay.relay.stream.LoopLoads;
import io.vbrelay.relay.transcode.EncoderLimit;

/**
 * What the lines of all cameras have in common.
 *
 * @param eventLoop of all sessions with cameras
 * @param loads of the viewers' event loops
 */
record Shared(
        EventLoop eventLoop, FoundDialects found, LoopLoads loads, EncoderLimit encoderLimit, MeterRegistry registry) {}
