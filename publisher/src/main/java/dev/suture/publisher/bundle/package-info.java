/** Bundles: files of a repository in one file, for a USB stick or to be sealed. */
@NullMarked
package dev.suture.publisher.bundle;

import org.jspecify.annotations.NullMarked;
