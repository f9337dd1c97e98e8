/** What every part of the publisher uses: how it refuses and fails. */
@NullMarked
package dev.suture.publisher;

import org.jspecify.annotations.NullMarked;
