/** Moves and adjusts cameras, over the native control port or WV-HTTP, behind one small type. */
@NullMarked
package io.vbrelay.camera.control;

import org.jspecify.annotations.NullMarked;
