package io.vbrelay.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import java.util.stream.Collectors;

/** Text for systemd's journal: each line with its priority, so that those of a stack trace have it, too. Made by Logback. */
public final class JournalLayout extends LayoutBase<ILoggingEvent> {
    @Override
    public String doLayout(ILoggingEvent event) {
        String priority = Journal.priority(event.getLevel());
        String text = event.getFormattedMessage() + "\n" + ThrowableProxyUtil.asString(event.getThrowableProxy());
        return text.lines().map(line -> priority + line + "\n").collect(Collectors.joining());
    }
}
