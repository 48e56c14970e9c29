/** Decoding, scaling, encoding, muxing and drawing by FFmpeg; the only code that sees native memory. */
@NullMarked
package io.vbrelay.relay.transcode.ffmpeg;

import org.jspecify.annotations.NullMarked;
