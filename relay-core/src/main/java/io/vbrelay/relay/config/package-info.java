/** What an operator sets, as checked records. */
@NullMarked
package io.vbrelay.relay.config;

import org.jspecify.annotations.NullMarked;
