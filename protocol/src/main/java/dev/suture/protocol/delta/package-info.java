/** The container of a delta, as far as publisher and device share it; see docs/patch-format.md. */
@NullMarked
package dev.suture.protocol.delta;

import org.jspecify.annotations.NullMarked;
