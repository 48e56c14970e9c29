package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.concurrent.Promise;
import io.vbrelay.relay.config.ReloadReport;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Answers {@code POST /api/v1/reload}: the configuration is read again, and what has changed in it takes effect. */
final class ReloadApi {
    static final String PATH = "/api/v1/reload";

    /** An encoder that hangs may hold a reload up. Well below the time after which a silent connection is closed. */
    private static final long LONGEST_WAIT_MS = TimeUnit.SECONDS.toMillis(20);

    private final Supplier<CompletableFuture<ReloadReport>> reload;

    /** @param reload begins one; the future is completed on any thread */
    ReloadApi(Supplier<CompletableFuture<ReloadReport>> reload) {
        this.reload = reload;
    }

    /** What has changed, as programs read it. */
    private record Told(List<String> changes, List<String> atRestart) {}

    /** Why nothing has. */
    private record Refused(int status, String error, List<String> problems) {}

    void answer(ChannelHandlerContext ctx, HttpRequest request, Client client) {
        String refusal = LocalOnly.refusal(request, client, "the configuration is read again for this machine only");
        if (refusal != null) {
            Answer.problem(ctx, request, HttpResponseStatus.FORBIDDEN, refusal);
        } else if (!HttpMethod.POST.equals(request.method())) {
            Answer.wrongMethod(ctx, request, "POST");
        } else {
            await(ctx, request, reload.get());
        }
    }

    private static void await(
            ChannelHandlerContext ctx, HttpRequest request, CompletableFuture<ReloadReport> reloaded) {
        Promise<ReloadReport> promise = ctx.executor().newPromise();
        AnswerWait.begin(ctx, request, promise, LONGEST_WAIT_MS, () -> {
            if (promise.isSuccess()) {
                tell(ctx, request, promise.getNow());
            } else if (!(promise.cause() instanceof CancellationException)) {
                ctx.pipeline().fireExceptionCaught(promise.cause());
            } else {
                Answer.problem(
                        ctx,
                        request,
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "not done within " + LONGEST_WAIT_MS + " ms; the log tells what becomes of it");
            }
        });
        reloaded.whenComplete((report, thrown) -> {
            if (thrown == null) {
                promise.trySuccess(report);
            } else {
                promise.tryFailure(thrown);
            }
        });
    }

    private static void tell(ChannelHandlerContext ctx, HttpRequest request, ReloadReport report) {
        HttpResponseStatus status =
                report.problems().isEmpty() ? HttpResponseStatus.OK : HttpResponseStatus.UNPROCESSABLE_ENTITY;
        Object told = report.problems().isEmpty()
                ? new Told(report.changes(), report.atRestart())
                : new Refused(status.code(), "the configuration is wrong, and nothing has changed", report.problems());
        Answer.json(ctx, request, status, told, EmptyHttpHeaders.INSTANCE);
    }
}
