package dev.suture.arm64.process;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The end of what a program printed, however much it was. */
final class OutputTail {
  private final byte[] kept;
  private int length;

  /** Keeps so many bytes. */
  OutputTail(int bytes) {
    kept = new byte[bytes];
  }

  /** Takes a buffer's first bytes, as many as are kept at most. */
  void append(ByteBuffer bytes, int count) {
    int stays = Math.min(length, kept.length - count);
    System.arraycopy(kept, length - stays, kept, 0, stays);
    bytes.get(0, kept, stays, count);
    length = stays + count;
  }

  /** What is kept, as text. */
  String text() {
    return new String(kept, 0, length, StandardCharsets.UTF_8);
  }
}
