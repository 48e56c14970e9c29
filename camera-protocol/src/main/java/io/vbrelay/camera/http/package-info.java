/** What HTTP cameras need beside Netty's codec: lenient heads, multipart bodies, logins, Canon's own status. */
@NullMarked
package io.vbrelay.camera.http;

import org.jspecify.annotations.NullMarked;
