@NullMarked
package dev.suture.publisher.workspace;

import org.jspecify.annotations.NullMarked;
