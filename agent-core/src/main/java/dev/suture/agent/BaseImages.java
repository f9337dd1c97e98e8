package dev.suture.agent;

import dev.suture.delta.BaseImage;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;

/** The base images of the OS. */
@FunctionalInterface
public interface BaseImages {
  /**
   * Opens the base image of a component for reading.
   *
   * @throws DeviceException {@code BASE_UNREADABLE}
   */
  BaseImage open(ComponentName component) throws DeviceException;
}
