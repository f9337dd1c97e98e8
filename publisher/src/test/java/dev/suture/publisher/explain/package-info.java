@NullMarked
package dev.suture.publisher.explain;

import org.jspecify.annotations.NullMarked;
