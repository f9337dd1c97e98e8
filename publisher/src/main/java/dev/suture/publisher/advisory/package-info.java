/**
 * Which vulnerabilities a patch closes: from a file, out of a Debian changelog, and as documents.
 */
@NullMarked
package dev.suture.publisher.advisory;

import org.jspecify.annotations.NullMarked;
