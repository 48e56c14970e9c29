package io.vbrelay.cli.load;

import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer is told before the stream: a status and a content type.
 *
 * @param contentType empty when none was told
 */
record ResponseHead(int status, String contentType) {
    static final int OK = 200;

    private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-9]\\d\\d)[ \r]");
    private static final Pattern CONTENT_TYPE = Pattern.compile("(?im)^content-type:[ \\t]*([^\\r\\n]*?)[ \\t]*$");
    private static final int LONGEST_BYTES = 8 << 10;

    /** Gathers a head that may come in pieces. */
    static final class Reader {
        private final StringBuilder text = new StringBuilder();

        /**
         * Takes the bytes of the head, none behind it.
         *
         * @return null while there is more to come
         * @throws NotHttpException once it is no head
         */
        @Nullable
        ResponseHead take(ByteBuffer bytes) throws NotHttpException {
            while (bytes.hasRemaining()) {
                text.append((char) (bytes.get() & 0xff));
                if (isComplete()) {
                    return parse(text.toString());
                }
                if (text.length() == LONGEST_BYTES) {
                    throw new NotHttpException("no end of the response's head within " + LONGEST_BYTES + " bytes");
                }
            }
            return null;
        }

        private boolean isComplete() {
            int end = text.length();
            return end >= 4
                    && text.charAt(end - 1) == '\n'
                    && text.charAt(end - 2) == '\r'
                    && text.charAt(end - 3) == '\n'
                    && text.charAt(end - 4) == '\r';
        }
    }

    static ResponseHead parse(String head) throws NotHttpException {
        Matcher status = STATUS_LINE.matcher(head);
        if (!status.lookingAt()) {
            throw new NotHttpException("not HTTP");
        }
        Matcher contentType = CONTENT_TYPE.matcher(head);
        return new ResponseHead(Integer.parseInt(status.group(1)), contentType.find() ? contentType.group(1) : "");
    }
}
