/** Does the patched device work? */
@NullMarked
package dev.suture.health;

import org.jspecify.annotations.NullMarked;
