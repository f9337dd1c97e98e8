/** What the targets role of the signed metadata says about patches: levels, withdrawals, stages. */
@NullMarked
package dev.suture.protocol.release;

import org.jspecify.annotations.NullMarked;
