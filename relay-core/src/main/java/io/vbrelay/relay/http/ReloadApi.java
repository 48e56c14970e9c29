package io.vbrelay.relay.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vbrelay.relay.config.ReloadReport;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Answers {@code POST /api/v1/reload}: the configuration is read again, and what has changed in it takes effect. */
final class ReloadApi {
    static final String PATH = "/api/v1/reload";

    private final Supplier<CompletableFuture<ReloadReport>> reload;

    /** @param reload begins one; the future is completed on any thread */
    ReloadApi(Supplier<CompletableFuture<ReloadReport>> reload) {
        this.reload = reload;
    }

    /** What has changed, as programs read it. */
    private record Told(List<String> changes, List<String> atRestart) {}

    /** Why nothing has. */
    private record Refused(int status, String error, List<String> problems) {}

    /** It goes on, and the log will tell its end. */
    private record Late(int status, String outcome) {
        Late() {
            this(HttpResponseStatus.ACCEPTED.code(), "under way");
        }
    }

    void answer(ChannelHandlerContext ctx, HttpRequest request, Client client) {
        String refusal = LocalOnly.refusal(request, client, "the configuration is read again for this machine only");
        if (refusal != null) {
            Answer.problem(ctx, request, HttpResponseStatus.FORBIDDEN, refusal);
        } else if (!HttpMethod.POST.equals(request.method())) {
            Answer.wrongMethod(ctx, request, "POST");
        } else {
            AnswerWait.begin(
                    ctx,
                    request,
                    reload.get(),
                    report -> tell(ctx, request, report),
                    () -> Answer.json(
                            ctx, request, HttpResponseStatus.ACCEPTED, new Late(), EmptyHttpHeaders.INSTANCE));
        }
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
