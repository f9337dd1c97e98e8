/**
 * The Update Framework's client, version 1.0 of its specification: which metadata is believed, and
 * which files it names. Numbers in comments are the steps of the specification's section 5.
 */
@NullMarked
package dev.suture.trust.tuf;

import org.jspecify.annotations.NullMarked;
