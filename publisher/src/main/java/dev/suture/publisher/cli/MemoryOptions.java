package dev.suture.publisher.cli;

import picocli.CommandLine.Option;

/** How much memory deltas take. */
final class MemoryOptions {
  @Option(
      names = "--low-memory",
      description =
          "Make deltas with less memory, 3 bytes of heap for one of OLD.img instead of 7; they become"
              + " larger. Always so above 512 MiB. A component's vendor and the publisher must choose"
              + " the same.")
  boolean low;
}
