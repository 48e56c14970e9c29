/** One camera in, many viewers out. */
@NullMarked
package io.vbrelay.relay;

import org.jspecify.annotations.NullMarked;
