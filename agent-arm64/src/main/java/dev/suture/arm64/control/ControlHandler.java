package dev.suture.arm64.control;

import dev.suture.protocol.json.Fields;

/** Answers commands. */
@FunctionalInterface
public interface ControlHandler {
  /**
   * Answers one command of a permitted peer. Called on the control socket's own thread, one command
   * at a time, while no other peer is listened to; an implementation hands what changes the agent's
   * state to the thread that owns it, and answers within seconds.
   *
   * @param command the word; an unknown one is answered with {@link ControlExit#USAGE}
   * @param arguments the whole request object
   */
  ControlReply handle(String command, Fields arguments);
}
