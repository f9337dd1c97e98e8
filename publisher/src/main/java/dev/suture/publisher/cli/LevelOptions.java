package dev.suture.publisher.cli;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which level of which repository, and who signs. */
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class LevelOptions {
  @Option(
      names = "--keys",
      paramLabel = "DIR",
      required = true,
      description = "Folder that \"init\" made.")
  Path keys;

  @Option(
      names = "--repository",
      paramLabel = "DIR",
      required = true,
      description = "Folder that mirrors serve; made at the first release.")
  Path repository;

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

  @Option(
      names = "--level",
      paramLabel = "LETTER",
      required = true,
      description = "a to z, then aa to zz.")
  Level level;
}
