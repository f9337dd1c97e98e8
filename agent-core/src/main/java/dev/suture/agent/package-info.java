/** PatchAgent.runOnce(): load, decide, do one step, save. */
@NullMarked
package dev.suture.agent;

import org.jspecify.annotations.NullMarked;
