/** The command line tool {@code suture}. */
@NullMarked
package dev.suture.arm64.cli;

import org.jspecify.annotations.NullMarked;
