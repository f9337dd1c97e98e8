package dev.suture.hil.demo;

import java.util.List;

/**
 * The words after {@code ./demo}.
 *
 * @param keep leave the device running
 * @param help explain and end
 */
record Options(boolean keep, boolean help) {
  static final String USAGE =
      """
      Usage: ./demo [--keep] [--help]

      A real security update reaches an emulated arm64 device: publish, notice, verify, rebuild in the
      inactive slot, restart on trial, prove from outside, refuse bad patches, remove. Sets up and builds
      what it needs first (see ./setup --help), runs the device in QEMU on this machine, and talks only
      to 127.0.0.1, apart from the downloads of setup and build.

        --keep   when the story is told, leave device, broker and mirror running and say how to look
                 around; Enter or Ctrl-C ends them
        --help   this text

      Leaves target/demo/result.json (figures) and target/demo/bench (logs).
      Exit code: 0 the story went as told, 1 it did not, 2 wrong usage.
      """;

  /**
   * Reads the words.
   *
   * @throws IllegalArgumentException for a word that is not known
   */
  static Options parse(List<String> words) {
    boolean keep = false;
    boolean help = false;
    for (String word : words) {
      switch (word) {
        case "--keep" -> keep = true;
        case "--help", "-h" -> help = true;
        default ->
            throw new IllegalArgumentException(
                "demo: expected --keep or --help, got \"" + word + "\"");
      }
    }
    return new Options(keep, help);
  }
}
