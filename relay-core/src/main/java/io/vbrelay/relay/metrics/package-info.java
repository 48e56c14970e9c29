/** Everything that is measured. */
@NullMarked
package io.vbrelay.relay.metrics;

import org.jspecify.annotations.NullMarked;
