/** The page in real browsers: their drivers, and what must be true in them. */
@NullMarked
package io.vbrelay.relay.browser;

import org.jspecify.annotations.NullMarked;
