/**
 * What the agent needs of a Linux device: images behind dm-verity, mounts, the raw activation
 * record, restart, readiness. Failures of the kernel become the one family of the protocol here.
 */
@NullMarked
package dev.suture.arm64.device;

import org.jspecify.annotations.NullMarked;
