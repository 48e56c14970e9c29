package io.vbrelay.relay;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.MessageToMessageDecoder;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.vbrelay.relay.stream.Format;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A viewer that reads a stream as a player would, and keeps what it sees of each picture. */
final class TestViewer implements AutoCloseable {
    private static final int SIP_MS = 50;
    private static final int SMALL_BUFFER_BYTES = 4096;

    private final Format format;
    private final Seen<StreamPicture> pictures = new Seen<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final Channel channel;

    /**
     * @param receiveBufferBytes asked of the kernel; 0 leaves its own choice
     * @param sipBytes the most that it takes every {@value SIP_MS} ms; 0 for all there is, at once
     */
    private TestViewer(
            EventLoopGroup loops,
            InetSocketAddress relay,
            Format format,
            String path,
            int receiveBufferBytes,
            int sipBytes) {
        this.format = format;
        Bootstrap bootstrap = new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel connection) {
                        if (sipBytes > 0) {
                            connection.pipeline().addLast(new Sips());
                        }
                        connection.pipeline().addLast(new HttpClientCodec(), new Body(), reader(format), new Eyes());
                    }
                });
        if (receiveBufferBytes > 0) {
            bootstrap.option(ChannelOption.SO_RCVBUF, receiveBufferBytes);
        }
        if (sipBytes > 0) {
            bootstrap.option(ChannelOption.AUTO_READ, false);
            bootstrap.option(
                    ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(sipBytes).maxMessagesPerRead(1));
        }
        channel = bootstrap.connect(relay).syncUninterruptibly().channel();
        channel.writeAndFlush(new DefaultFullHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, path))
                .syncUninterruptibly();
    }

    static TestViewer watch(EventLoopGroup loops, InetSocketAddress relay, Format format, String path) {
        return new TestViewer(loops, relay, format, path, 0, 0);
    }

    /** A viewer that reads no faster than this, and for whom the kernel takes as little as can be. */
    static TestViewer slow(
            EventLoopGroup loops, InetSocketAddress relay, Format format, String path, int bytesPerSecond) {
        return new TestViewer(loops, relay, format, path, SMALL_BUFFER_BYTES, bytesPerSecond * SIP_MS / 1000);
    }

    /** A viewer that sees its first picture and reads nothing more. */
    static TestViewer stalled(EventLoopGroup loops, InetSocketAddress relay, Format format, String path)
            throws InterruptedException {
        TestViewer viewer = new TestViewer(loops, relay, format, path, SMALL_BUFFER_BYTES, 0);
        viewer.pictures.awaitCount(1);
        viewer.stopReading();
        return viewer;
    }

    Format format() {
        return format;
    }

    /** Reads nothing more. */
    void stopReading() {
        channel.config().setAutoRead(false);
    }

    /** Takes what comes again, as fast as it comes. */
    void readOn() {
        if (channel.pipeline().get(Sips.class) != null) {
            channel.pipeline().remove(Sips.class);
        }
        channel.config().setAutoRead(true);
    }

    /** Breaks the connection off, without a word of farewell and whatever is on its way. */
    void reset() {
        channel.eventLoop()
                .submit(() -> {
                    if (channel.isOpen()) { // On its own thread, so it stays so.
                        channel.config().setOption(ChannelOption.SO_LINGER, 0);
                        channel.close();
                    }
                })
                .syncUninterruptibly();
    }

    Seen<StreamPicture> pictures() {
        return pictures;
    }

    boolean isConnected() {
        return !end.isDone();
    }

    /** Reads on after all, up to the end of the connection, however that comes. */
    void readToTheEnd() throws InterruptedException, TimeoutException {
        readOn();
        try {
            awaitCleanEnd();
        } catch (ExecutionException e) {
            // Reset: what was not read was thrown away.
        }
    }

    /** Waits until the relay has ended the stream. Throws if it did so by a reset, or in the middle of a picture. */
    void awaitCleanEnd() throws InterruptedException, ExecutionException, TimeoutException {
        end.get(Seen.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.close().syncUninterruptibly();
    }

    /** Takes a stream of this format apart. */
    static ByteToMessageDecoder reader(Format format) {
        return switch (format) {
            case FLV -> new FlvReader();
            case WEBM -> new WebmReader();
            case MP4 -> new Mp4Reader();
            case MJPEG -> new MjpegReader();
            case JPEG -> throw new IllegalArgumentException("not a stream");
        };
    }

    /** Leaves the bytes of the stream. */
    private static final class Body extends MessageToMessageDecoder<HttpObject> {
        @Override
        protected void decode(ChannelHandlerContext ctx, HttpObject message, List<Object> out) {
            if (message instanceof HttpResponse response && !response.status().equals(HttpResponseStatus.OK)) {
                throw new IllegalStateException("answered " + response.status());
            }
            if (message instanceof HttpContent content) {
                ByteBuf bytes = content.content();
                out.add(bytes.retain());
            }
        }
    }

    /** Reads now and then, and not when somebody asks for it, as Netty's decoders do that have not got a whole picture yet. */
    private static final class Sips extends ChannelOutboundHandlerAdapter {
        private @Nullable Future<?> sips;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            sips = ctx.executor().scheduleAtFixedRate(ctx::read, SIP_MS, SIP_MS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void read(ChannelHandlerContext ctx) {}

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            if (sips != null) {
                sips.cancel(false);
            }
        }
    }

    private final class Eyes extends SimpleChannelInboundHandler<StreamPicture> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, StreamPicture picture) {
            pictures.add(picture);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            end.complete(null);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end.completeExceptionally(cause);
            ctx.close();
        }
    }
}
