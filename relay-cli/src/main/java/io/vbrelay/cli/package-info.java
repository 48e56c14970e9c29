/** The command line. */
@NullMarked
package io.vbrelay.cli;

import org.jspecify.annotations.NullMarked;
