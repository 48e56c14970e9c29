package io.vbrelay.camera;

import io.netty.buffer.ByteBufUtil;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps what a session told, readable from any thread. */
class RecordingListener implements CameraListener {
    final List<byte[]> frames = new CopyOnWriteArrayList<>();
    final List<DropReason> drops = new CopyOnWriteArrayList<>();
    final List<CameraException> causes = new CopyOnWriteArrayList<>();
    final CompletableFuture<CameraException> closed = new CompletableFuture<>();

    @Override
    public void onFrame(JpegFrame frame) {
        frames.add(ByteBufUtil.getBytes(frame.jpeg()));
    }

    @Override
    public void onDropped(DropReason reason) {
        drops.add(reason);
    }

    @Override
    public void onClosed(CameraException cause) {
        causes.add(cause);
        closed.complete(cause);
    }
}
