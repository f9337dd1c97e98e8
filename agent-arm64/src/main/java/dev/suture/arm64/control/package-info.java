/**
 * The agent's control socket: one request line, one reply line, from root only. Nothing that a peer
 * sends takes more than a named limit of bytes or time.
 */
@NullMarked
package dev.suture.arm64.control;

import org.jspecify.annotations.NullMarked;
