@NullMarked
package dev.suture.trustcli;

import org.jspecify.annotations.NullMarked;
