/** Is it ours, for us, not older? The only package that sees Bouncy Castle and Tink. */
@NullMarked
package dev.suture.trust;

import org.jspecify.annotations.NullMarked;
