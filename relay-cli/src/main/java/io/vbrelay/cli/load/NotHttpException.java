package io.vbrelay.cli.load;

import java.io.IOException;

/** Something answers, but it is no HTTP server. */
final class NotHttpException extends IOException {
    private static final long serialVersionUID = 1;

    NotHttpException(String message) {
        super(message);
    }
}
