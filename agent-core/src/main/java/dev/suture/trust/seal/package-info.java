/** Opens sealed files. The only package of the agent that sees Tink. */
@NullMarked
package dev.suture.trust.seal;

import org.jspecify.annotations.NullMarked;
