/** The keys of TUF's roles: made, kept, and used to sign, in one place or by several people. */
@NullMarked
package dev.suture.publisher.keys.role;

import org.jspecify.annotations.NullMarked;
