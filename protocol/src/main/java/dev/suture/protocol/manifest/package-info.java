/**
 * What a patch is: the components it replaces, how they are rebuilt, what they fix, and how to tell
 * that it works.
 */
@NullMarked
package dev.suture.protocol.manifest;

import org.jspecify.annotations.NullMarked;
