/** Says what the bytes of a delta are spent on. */
@NullMarked
package dev.suture.publisher.delta.account;

import org.jspecify.annotations.NullMarked;
