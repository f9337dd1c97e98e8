package dev.suture.publisher.cli;

import dev.suture.protocol.Baseline;
import picocli.CommandLine.Option;

/** Which OS release of which devices. */
@SuppressWarnings("NullAway.Init") // picocli sets required options.
class BaselineOptions {
  @Option(
      names = "--baseline",
      paramLabel = "VERSION",
      required = true,
      description = "OS release as flashed, for example 26.1.")
  Baseline baseline;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      required = true,
      description = "Device model, for example suture-virt-arm64.")
  String model;
}
