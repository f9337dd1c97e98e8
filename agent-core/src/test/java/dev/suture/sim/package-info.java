/** Stand-ins for what surrounds the agent: brokers, servers, certificates; fakes of our ports. */
@NullMarked
package dev.suture.sim;

import org.jspecify.annotations.NullMarked;
