/** A camera that needs no hardware. */
@NullMarked
package io.vbrelay.simulator;

import org.jspecify.annotations.NullMarked;
