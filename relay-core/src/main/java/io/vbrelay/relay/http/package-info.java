/** What viewers and programs ask for over HTTP. */
@NullMarked
package io.vbrelay.relay.http;

import org.jspecify.annotations.NullMarked;
