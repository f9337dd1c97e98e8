/** The agent on an arm64 Linux device. */
@NullMarked
package dev.suture.arm64;

import org.jspecify.annotations.NullMarked;
