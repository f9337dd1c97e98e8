/** Shows what the bytes of a delta are spent on: as text, as JSON, as a page with a picture. */
@NullMarked
package dev.suture.publisher.explain;

import org.jspecify.annotations.NullMarked;
