/**
 * Strict, bounded JSON: no reflection, no duplicate names, limits on size, nesting and number of
 * values.
 */
@NullMarked
package dev.suture.protocol.json;

import org.jspecify.annotations.NullMarked;
