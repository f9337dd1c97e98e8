/**
 * Raw bindings to libc and the kernel, without logic. JNA stays inside: what leaves are numbers,
 * {@code ByteBuffer}s and {@link dev.suture.arm64.linux.LinuxException}.
 */
@NullMarked
package dev.suture.arm64.linux;

import org.jspecify.annotations.NullMarked;
