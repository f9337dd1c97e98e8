/** Files from a mirror over HTTP or HTTPS. */
@NullMarked
package dev.suture.link.http;

import org.jspecify.annotations.NullMarked;
