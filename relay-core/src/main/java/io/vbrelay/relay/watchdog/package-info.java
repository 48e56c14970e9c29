/** Which threads hang. */
@NullMarked
package io.vbrelay.relay.watchdog;

import org.jspecify.annotations.NullMarked;
