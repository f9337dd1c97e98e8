@NullMarked
package dev.suture.publisher.delta;

import org.jspecify.annotations.NullMarked;
