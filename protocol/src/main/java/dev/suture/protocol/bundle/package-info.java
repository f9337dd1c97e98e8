/**
 * One file with a repository's metadata and payloads, for a USB stick: a strict subset of ustar.
 */
@NullMarked
package dev.suture.protocol.bundle;

import org.jspecify.annotations.NullMarked;
