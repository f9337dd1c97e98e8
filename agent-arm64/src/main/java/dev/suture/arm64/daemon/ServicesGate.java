package dev.suture.arm64.daemon;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps what needs the components from starting while images are mounted over them, and images from
 * being mounted once it has started: a service that started on base would go on running old code
 * below a patch.
 *
 * <p>Both sides first say what they are about to do, then look whether the other one has said so:
 * we with {@code mounting}, whoever starts the services with {@code services-started}. So at least
 * one of the two notices, whatever the order. It waits for {@code mounting} to go; we mount nothing
 * behind {@code services-started}.
 */
final class ServicesGate {
  private final Path runDirectory;
  private final Path mounting;
  private final Path servicesStarted;

  /**
   * The gate of this boot.
   *
   * @param runDirectory a directory that is empty after every boot
   */
  ServicesGate(Path runDirectory) {
    this.runDirectory = runDirectory;
    this.mounting = runDirectory.resolve("mounting");
    this.servicesStarted = runDirectory.resolve("services-started");
  }

  /** What may be done behind the gate. */
  enum Passage {
    /** Mount: the services wait. */
    MOUNT,
    /** The services run on what was mounted before; touch nothing. */
    TOO_LATE,
    /**
     * The services are to start, but wait because an agent before us died with the gate closed:
     * undo what it left, mount nothing.
     */
    UNDO
  }

  /**
   * Closes the gate. It stays closed until {@link #open}.
   *
   * @throws DeviceException {@code STORAGE_IO} if nobody could be told that it is closed
   */
  Passage close() throws DeviceException {
    boolean closedBefore = false;
    try {
      Files.createDirectories(runDirectory);
      Files.createFile(mounting);
    } catch (FileAlreadyExistsException e) {
      closedBefore = true;
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "create " + mounting + ": " + e.getMessage(), e);
    }
    if (!Files.exists(servicesStarted)) {
      return Passage.MOUNT;
    }
    return closedBefore ? Passage.UNDO : Passage.TOO_LATE;
  }

  /** Opens the gate. */
  void open() throws DeviceException {
    try {
      Files.deleteIfExists(mounting);
    } catch (IOException e) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "delete " + mounting + ": " + e.getMessage(), e);
    }
  }
}
