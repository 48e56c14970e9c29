/** The transcoder thread of each camera and the encoder threads of its renditions. */
@NullMarked
package io.vbrelay.relay.transcode;

import org.jspecify.annotations.NullMarked;
