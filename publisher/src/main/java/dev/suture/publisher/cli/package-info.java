/** The command line tool {@code suture-publish}. */
@NullMarked
package dev.suture.publisher.cli;

import org.jspecify.annotations.NullMarked;
