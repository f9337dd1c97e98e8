package dev.suture.arm64.device;

import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * This process's memory as the kernel counts it, in KiB.
 *
 * @param residentKib resident now ({@code VmRSS})
 * @param residentPeakKib the most that was resident since the start ({@code VmHWM})
 */
public record ProcessMemory(long residentKib, long residentPeakKib) {
  private static final Path STATUS = Path.of("/proc/self/status");

  /** The figures of now. */
  public static ProcessMemory current() throws DeviceException {
    try {
      return parse(Files.readString(STATUS));
    } catch (IOException | IllegalArgumentException e) {
      throw KernelFailures.unexpected("read " + STATUS, "VmRSS and VmHWM", e.toString());
    }
  }

  static ProcessMemory parse(String status) {
    return new ProcessMemory(kib(status, "VmRSS:"), kib(status, "VmHWM:"));
  }

  private static long kib(String status, String name) {
    for (String line : status.split("\n", -1)) {
      if (line.startsWith(name) && line.endsWith(" kB")) {
        return Long.parseLong(line.substring(name.length(), line.length() - 3).trim());
      }
    }
    throw new IllegalArgumentException("expected a line \"" + name + " N kB\"");
  }
}
