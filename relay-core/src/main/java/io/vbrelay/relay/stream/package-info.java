/** Where data waits between threads, and the only places that drop it: mailboxes, broadcasts and viewers' rings. */
@NullMarked
package io.vbrelay.relay.stream;

import org.jspecify.annotations.NullMarked;
