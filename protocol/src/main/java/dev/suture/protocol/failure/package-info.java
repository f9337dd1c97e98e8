/** The one family of failures, divided by what the agent must do about them. */
@NullMarked
package dev.suture.protocol.failure;

import org.jspecify.annotations.NullMarked;
