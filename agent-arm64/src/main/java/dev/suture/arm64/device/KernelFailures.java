package dev.suture.arm64.device;

import dev.suture.arm64.linux.LinuxException;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;

/** Turns what the kernel said into the protocol's failures. */
final class KernelFailures {
  private KernelFailures() {}

  /** {@code attempt} says what was to be done, and with what. */
  static DeviceException of(String attempt, LinuxException e) {
    return new DeviceException(FailureCode.KERNEL_CALL_FAILED, attempt + ": " + e.getMessage(), e);
  }

  /** The kernel did not fail, but it did something else than it was told. */
  static DeviceException unexpected(String attempt, String expected, String got) {
    return new DeviceException(
        FailureCode.KERNEL_CALL_FAILED, attempt + ": expected " + expected + ", got " + got);
  }
}
