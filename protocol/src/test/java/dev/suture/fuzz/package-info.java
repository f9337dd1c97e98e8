/** What is promised of every parser of outside bytes, and the inputs that try to break it. */
@NullMarked
package dev.suture.fuzz;

import org.jspecify.annotations.NullMarked;
