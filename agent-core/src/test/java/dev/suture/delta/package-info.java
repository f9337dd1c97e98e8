@NullMarked
package dev.suture.delta;

import org.jspecify.annotations.NullMarked;
