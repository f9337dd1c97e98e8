/** May we, now? Pure; every answer carries its reason. */
@NullMarked
package dev.suture.policy;

import org.jspecify.annotations.NullMarked;
