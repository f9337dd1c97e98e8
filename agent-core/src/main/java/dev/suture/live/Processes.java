package dev.suture.live;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The processes of this device. */
public interface Processes {
  /**
   * Looks at every process once. What it finds is told by the file system's device, never by a
   * name: whatever a process maps, has open, stands in or was started from that belongs to a
   * component, but not to the image that is mounted for it now.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if a process cannot be looked at: what is
   *     not seen is not clean
   */
  List<OldCode> oldCode() throws DeviceException;

  /**
   * Who would run old code if something else were mounted for these components now: looks at every
   * process once, as {@link #oldCode} does, but not at what other mount name spaces hold.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if a process cannot be looked at
   */
  List<OldCode> usersOf(Set<ComponentName> components) throws DeviceException;

  /**
   * What is left of an old image though no process uses it, and does not go away within a moment:
   * something else holds it, such as another mount, or a file that is on its way from one process
   * to another.
   *
   * @return nothing if the old images are gone, as far as that can be seen
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  Optional<String> heldWithoutProcess() throws DeviceException;

  /**
   * Sends a signal to this process, and to no later one of the same number. One that is gone is
   * fine, and the agent itself gets none.
   */
  void signal(OldCode process, Signal signal);

  /**
   * The agent's own process.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if its ancestors cannot be told
   */
  Agent agent() throws DeviceException;

  /**
   * The agent's process.
   *
   * @param pid its number
   * @param ancestors its parent, the parent of that one, and so on
   */
  record Agent(int pid, List<Integer> ancestors) {
    /** Keeps a copy. */
    public Agent {
      ancestors = Collections.unmodifiableList(new ArrayList<>(ancestors));
    }

    /** Whether the agent ends with this process, or may: it is it, or started it. */
    boolean endsWith(OldCode process) {
      return process.pid() == pid || ancestors.contains(process.pid());
    }

    /** Whether the agent started this process. */
    boolean started(OldCode process) {
      return process.ancestors().contains(pid);
    }
  }

  /** How a process is ended. */
  enum Signal {
    /** It is asked to. */
    TERM,
    /** It is not asked. */
    KILL
  }
}
