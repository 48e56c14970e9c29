/** The load generator: very many viewers on one event loop, each of their streams checked. */
@NullMarked
package io.vbrelay.cli.load;

import org.jspecify.annotations.NullMarked;
