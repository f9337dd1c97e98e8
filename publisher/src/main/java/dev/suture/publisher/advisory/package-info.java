/** Which vulnerabilities a patch closes: from a file, or out of a Debian changelog. */
@NullMarked
package dev.suture.publisher.advisory;

import org.jspecify.annotations.NullMarked;
