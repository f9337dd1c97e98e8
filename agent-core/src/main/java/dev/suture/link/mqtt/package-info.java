/** Notices and reports over MQTT 5. The only package that sees the MQTT library. */
@NullMarked
package dev.suture.link.mqtt;

import org.jspecify.annotations.NullMarked;
