/**
 * Work that nobody waits for: how it is done, so that whatever people do on the device comes first.
 */
@NullMarked
package dev.suture.background;

import org.jspecify.annotations.NullMarked;
