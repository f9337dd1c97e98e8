/**
 * What connects the agent to the outside: notices in, files in, reports out. Nothing that comes
 * through here is believed; nothing that is missing here stops a patch.
 */
@NullMarked
package dev.suture.link;

import org.jspecify.annotations.NullMarked;
