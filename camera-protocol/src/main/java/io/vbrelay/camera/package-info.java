/** Speaks to cameras; its one product is the JPEG frame. */
@NullMarked
package io.vbrelay.camera;

import org.jspecify.annotations.NullMarked;
