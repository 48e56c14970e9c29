/** The configuration: what files, variables and flags say, checked as a whole, as a value that can be compared. */
@NullMarked
package io.vbrelay.cli.config;

import org.jspecify.annotations.NullMarked;
