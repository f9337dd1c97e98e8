package dev.suture.live;

import dev.suture.protocol.failure.DeviceException;
import java.util.List;
import java.util.Optional;

/** The services of this device that may be restarted by themselves. */
public interface Services {
  /** Each service, those first that others need; empty if nothing but the device restarts. */
  List<Service> inOrder();

  /** The service that a process belongs to, by itself or by one of its ancestors. */
  Optional<Service> of(OldCode process);

  /**
   * Asks for the restart of a service, and does not wait for it.
   *
   * @throws DeviceException {@code KERNEL_CALL_FAILED}
   */
  void restart(Service service) throws DeviceException;

  /**
   * A service.
   *
   * @param name for people
   * @param timeoutMillis how long its processes may take to end when they are asked to
   */
  record Service(String name, long timeoutMillis) {}
}
