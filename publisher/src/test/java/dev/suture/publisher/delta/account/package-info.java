@NullMarked
package dev.suture.publisher.delta.account;

import org.jspecify.annotations.NullMarked;
