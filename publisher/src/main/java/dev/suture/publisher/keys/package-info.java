/** The publisher's signing keys. Only here, and never on a device, a private key exists. */
@NullMarked
package dev.suture.publisher.keys;

import org.jspecify.annotations.NullMarked;
