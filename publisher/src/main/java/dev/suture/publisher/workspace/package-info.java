/** The publisher's own folder: keys, the root that devices are flashed with, and settings. */
@NullMarked
package dev.suture.publisher.workspace;

import org.jspecify.annotations.NullMarked;
