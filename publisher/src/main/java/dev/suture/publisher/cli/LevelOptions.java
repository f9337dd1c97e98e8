package dev.suture.publisher.cli;

import dev.suture.protocol.Level;
import picocli.CommandLine.Option;

/** Which level. */
@SuppressWarnings("NullAway.Init") // picocli sets required options.
final class LevelOptions extends BaselineOptions {
  @Option(
      names = "--level",
      paramLabel = "LETTER",
      required = true,
      description = "a to z, then aa to zz.")
  Level level;

  String title() {
    return baseline.with(level);
  }
}
