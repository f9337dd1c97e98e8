/**
 * A thin main over the TUF client that the agent uses, in the shape of the public conformance
 * suite.
 */
@NullMarked
package dev.suture.trustcli;

import org.jspecify.annotations.NullMarked;
