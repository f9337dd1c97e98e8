package dev.suture.arm64.live;

import dev.suture.arm64.process.BoundedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What systemd says of the whole device. */
public final class SystemState {
  private static final List<String> COMMAND = List.of("systemctl", "is-system-running");
  private static final String STOPPING = "stopping";
  private static final long LIMIT_MILLIS = 5_000;
  private static final int OUTPUT_BYTES_MAX = 4096;

  /** Is there exactly if systemd is process 1: sd_booted(3). */
  static final Path BOOTED = Path.of("/run/systemd/system");

  private final List<String> command;
  private final Path booted;

  /** That of the device. */
  public SystemState() {
    this(COMMAND, BOOTED);
  }

  SystemState(List<String> command, Path booted) {
    this.command = List.copyOf(command);
    this.booted = booted;
  }

  /** Whether systemd shuts the device down or restarts it; false if nobody can tell. */
  public boolean isStopping() {
    if (!Files.isDirectory(booted)) {
      return false;
    }
    try {
      // Its exit code is not 0 for most of its words.
      return new BoundedProcess(OUTPUT_BYTES_MAX)
          .run(command, BoundedProcess.SYSTEM_ENVIRONMENT, LIMIT_MILLIS)
          .lastLine()
          .equals(STOPPING);
    } catch (IOException e) {
      return false;
    }
  }
}
