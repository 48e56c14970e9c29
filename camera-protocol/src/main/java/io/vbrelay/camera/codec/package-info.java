/** The messages of the native video port, and the decoders and encoders for both directions. */
@NullMarked
package io.vbrelay.camera.codec;

import org.jspecify.annotations.NullMarked;
