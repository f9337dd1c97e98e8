/** Programs that the agent runs, within limits. */
@NullMarked
package dev.suture.arm64.process;

import org.jspecify.annotations.NullMarked;
