/** Captured sessions: every byte of a connection, both directions, with its time. */
@NullMarked
package io.vbrelay.camera.session;

import org.jspecify.annotations.NullMarked;
