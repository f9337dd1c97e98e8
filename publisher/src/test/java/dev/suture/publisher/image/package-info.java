@NullMarked
package dev.suture.publisher.image;

import org.jspecify.annotations.NullMarked;
