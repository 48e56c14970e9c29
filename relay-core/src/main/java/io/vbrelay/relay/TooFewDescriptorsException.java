package io.vbrelay.relay;

import java.io.IOException;

/** More viewers are allowed than the operating system lets this process have connections; the message says what to do. */
public final class TooFewDescriptorsException extends IOException {
    private static final long serialVersionUID = 1;

    TooFewDescriptorsException(String message) {
        super(message);
    }
}
