package dev.suture.store;

import java.util.function.UnaryOperator;

/** Looks into a journal as it is on the disk, for tests. */
public final class JournalBytes {
  private JournalBytes() {}

  /**
   * What a journal says.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  public static JournalState decode(byte[] journal) {
    return JournalCodec.decode(journal);
  }

  /** The same journal with this change, and a right checksum. */
  public static byte[] changed(byte[] journal, UnaryOperator<JournalState> change) {
    return JournalCodec.encode(change.apply(decode(journal)));
  }
}
