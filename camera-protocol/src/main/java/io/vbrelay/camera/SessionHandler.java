package io.vbrelay.camera;

import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.CorruptedFrameException;
import io.netty.util.ReferenceCountUtil;
import io.vbrelay.camera.CameraException.Kind;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The end of a session's pipeline: hands frames and drops to the listener, and tells it why the session is over.
 *
 * <p>Every failure of a handler before it, and of the listener itself, arrives here and closes the channel; the first is
 * the cause that is reported. The report is made when the channel leaves its event loop, behind which nothing follows.
 *
 * <p>A session over HTTP may take several connections, one after the other; a handler before this one then keeps from it
 * that a connection is over which is not the last.
 */
@Sharable
final class SessionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(SessionHandler.class);

    /** The spec's proof that a dialect is the camera's (section 1). */
    private static final int FRAMES_OF_A_DIALECT_THAT_FITS = 2;

    private final CameraAddress address;
    private final CameraListener listener;
    private final Transcript transcript;

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable CameraException cause;
    private boolean over;
    private int frames;

    /** Since the last picture. */
    private final Map<DropReason, Long> drops = new EnumMap<>(DropReason.class);

    private boolean missingTablesTold;

    SessionHandler(CameraAddress address, CameraListener listener) {
        this.address = address;
        this.listener = listener;
        this.transcript = new Transcript(address);
    }

    /** What the camera and we said first; goes with the cause of a session that did not get far. */
    Transcript transcript() {
        return transcript;
    }

    /** Ends the session for this cause, unless it has already ended or failed. On the event loop only. */
    void end(CameraException newCause) {
        if (cause != null) {
            return;
        }
        cause = newCause;
        if (ctx == null) {
            report(newCause);
        } else {
            ctx.close().addListener(ChannelFutureListener.FIRE_EXCEPTION_ON_FAILURE);
        }
    }

    /** Whether the session has ended or is about to. On the event loop only. */
    boolean isEnding() {
        return cause != null || over;
    }

    /** Whether {@link CameraListener#onClosed} has been called. On the event loop only. */
    boolean isOver() {
        return over;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext newCtx) {
        ctx = newCtx;
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext oldCtx) {
        if (ctx == oldCtx) {
            ctx = null;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ignored, Object message) {
        try {
            if (cause != null) {
                return;
            }
            if (message instanceof JpegFrame frame) {
                if (frames++ == 0 && log.isDebugEnabled()) {
                    log.debug("{}: first picture, behind{}{}", address, System.lineSeparator(), transcript.text());
                }
                drops.clear();
                tellMissingTables(frame);
                listener.onFrame(frame);
            } else if (message instanceof DropReason reason) {
                drops.merge(reason, 1L, Long::sum);
                listener.onDropped(reason);
            } else {
                log.debug("{}: discarded {}", address, message);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Once: when the camera had used other tables than these, the picture is garbage and nothing else tells. */
    private void tellMissingTables(JpegFrame frame) {
        if (!missingTablesTold && frame.repairs().contains(Repair.HUFFMAN_TABLES)) {
            missingTablesTold = true;
            log.info("{}: pictures come without Huffman tables, the standard ones are inserted", address);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ignored, Throwable thrown) {
        if (thrown instanceof CameraException known) {
            end(known);
        } else if (thrown instanceof CorruptedFrameException) {
            end(failure(Kind.PROTOCOL, "not the protocol of " + address.protocol(), thrown));
        } else if (thrown instanceof IOException) {
            end(failure(Kind.CLOSED_BY_CAMERA, "connection lost", thrown));
        } else {
            log.error("{}: internal error, the session is closed", address, thrown);
            end(failure(Kind.CLOSED_BY_US, "internal error", thrown));
        }
    }

    @Override
    public void channelUnregistered(ChannelHandlerContext ignored) {
        report(
                cause != null
                        ? cause
                        : new CameraException(
                                Kind.CLOSED_BY_CAMERA, address.endpoint() + ": closed the connection", null));
    }

    /** What silence may have been besides: {@code "; dropped: 31 size, 2 partial"}. */
    private String dropped() {
        return drops.isEmpty()
                ? ""
                : drops.entrySet().stream()
                        .map(drop -> drop.getValue() + " " + drop.getKey().label())
                        .collect(Collectors.joining(", ", "; dropped: ", ""));
    }

    private CameraException failure(Kind kind, String what, Throwable thrown) {
        String why = thrown.getMessage() == null ? thrown.getClass().getSimpleName() : thrown.getMessage();
        return new CameraException(kind, address.endpoint() + ": " + what + ": " + why, thrown);
    }

    private void report(CameraException reported) {
        over = true;
        try {
            CameraException explained = reported.withDropped(dropped());
            boolean failedEarly = frames < FRAMES_OF_A_DIALECT_THAT_FITS && !transcript.isEmpty();
            listener.onClosed(failedEarly ? explained.withTranscript(transcript.text()) : explained);
        } catch (RuntimeException e) {
            log.error("{}: the listener failed when told of the end: {}", address, reported.getMessage(), e);
        }
    }
}
