/** Tells a fleet over MQTT that there is something to look at. */
@NullMarked
package dev.suture.publisher.notify;

import org.jspecify.annotations.NullMarked;
