package dev.suture.benchmarks;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What makes a download of a pair of images, in the order of the CSV's columns. */
enum Tool {
  FULL_ZSTD19,
  SUTURE,
  BSDIFF,
  BSDIFF_XZ,
  XDELTA3,
  ZSTD_PATCH_FROM,
  HDIFFPATCH,
  CASYNC,
  BLOCK4K;

  /** Name of the column, and on the command line. */
  String column() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Makes the download, rebuilds the image from it, and compares that byte for byte. */
  Made make(Workbench bench) throws Exception {
    return switch (this) {
      case FULL_ZSTD19 -> PeerTools.fullZstd(bench);
      case SUTURE -> PeerTools.suture(bench);
      case BSDIFF -> PeerTools.bsdiff(bench);
      case BSDIFF_XZ -> PeerTools.bsdiffXz(bench);
      case XDELTA3 -> PeerTools.xdelta3(bench);
      case ZSTD_PATCH_FROM -> PeerTools.zstdPatchFrom(bench);
      case HDIFFPATCH -> PeerTools.hdiffpatch(bench);
      case CASYNC -> PeerTools.casync(bench);
      case BLOCK4K -> PeerTools.block4k(bench);
    };
  }

  /**
   * The named tools, with those that always run.
   *
   * @param list names separated by commas
   * @throws IllegalArgumentException if a name is not one of a tool
   */
  static Set<Tool> parse(String list) {
    Set<Tool> chosen = EnumSet.of(FULL_ZSTD19, SUTURE);
    for (String name : list.split(",", -1)) {
      if (!name.isEmpty()) {
        chosen.add(
            Arrays.stream(values())
                .filter(tool -> tool.column().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such tool: " + name)));
      }
    }
    return chosen;
  }
}
