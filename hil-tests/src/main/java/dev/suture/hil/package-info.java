/**
 * Drives a device from outside through one interface, {@link dev.suture.hil.Rig}, and stands in for
 * the world around it: broker, mirror, publisher.
 */
@NullMarked
package dev.suture.hil;

import org.jspecify.annotations.NullMarked;
