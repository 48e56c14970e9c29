/** Keeps a camera's session up: connects, watches for silence, backs off, tries again for ever. */
@NullMarked
package io.vbrelay.relay.source;

import org.jspecify.annotations.NullMarked;
