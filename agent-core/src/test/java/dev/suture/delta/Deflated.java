package dev.suture.delta;

import java.util.Arrays;
import java.util.zip.Deflater;

/** What zlib makes of content. */
final class Deflated {
  private Deflated() {}

  static byte[] of(byte[] content, int level) {
    Deflater deflater = new Deflater(level, true);
    try {
      deflater.setInput(content);
      deflater.finish();
      byte[] coded = new byte[2 * content.length + 64];
      return Arrays.copyOf(coded, deflater.deflate(coded));
    } finally {
      deflater.end();
    }
  }
}
