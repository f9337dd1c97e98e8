package dev.suture.arm64.check;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;

/** The end of what a program printed, however much it was. */
final class OutputTail {
  /** So much is kept. */
  static final int BYTES = 4096;

  private final byte[] kept = new byte[BYTES];
  private int length;

  /** Takes a buffer's first bytes, {@link #BYTES} at most. */
  void append(ByteBuffer bytes, int count) {
    int stays = Math.min(length, BYTES - count);
    System.arraycopy(kept, length - stays, kept, 0, stays);
    bytes.get(0, kept, stays, count);
    length = stays + count;
  }

  /** The last line that is not blank, without blanks around it; empty if there is none. */
  String lastLine() {
    List<String> lines =
        new String(kept, 0, length, StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .filter(line -> !line.isEmpty())
            .collect(Collectors.toList());
    return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
  }
}
