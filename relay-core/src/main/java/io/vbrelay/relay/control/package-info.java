/** Who may move a camera, and in which order commands reach it. */
@NullMarked
package io.vbrelay.relay.control;

import org.jspecify.annotations.NullMarked;
