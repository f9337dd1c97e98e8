/** Programs of the agent's service. */
@NullMarked
package dev.suture.arm64.daemon;

import org.jspecify.annotations.NullMarked;
