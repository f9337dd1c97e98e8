package dev.suture.hil;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * An OS slot's FIT, a flattened device tree (Devicetree Specification 0.4, section 5), so that a
 * chosen byte of it can be changed.
 *
 * @param bytes the whole file; never changed
 */
@SuppressWarnings("ArrayRecordComponent") // Nobody compares two.
record Fit(byte[] bytes) {
  private static final int STRUCT_OFFSET_AT = 8;
  private static final int STRINGS_OFFSET_AT = 12;
  private static final int BEGIN_NODE = 1;
  private static final int END_NODE = 2;
  private static final int PROPERTY = 3;
  private static final int NOTHING = 4;

  /** Where the value of a property is, and its length in bytes. */
  private record Value(int at, int length) {}

  /**
   * The same file, but for one bit in the middle of a property's value.
   *
   * @param node its path, as in {@code /images/kernel}
   */
  Fit withBitFlipped(String node, String property) {
    Value value = find(node, property);
    return withBitFlippedAt(value.at() + value.length() / 2);
  }

  /** The same file, but for one bit in the first place of this text, which must be there. */
  Fit withBitFlippedIn(String text) {
    byte[] wanted = text.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at <= bytes.length - wanted.length; at++) {
      int same = 0;
      while (same < wanted.length && bytes[at + same] == wanted[same]) {
        same++;
      }
      if (same == wanted.length) {
        return withBitFlippedAt(at);
      }
    }
    throw new HarnessException("FIT: expected the text " + text + ", it is not there");
  }

  /** The same file, but for one bit of the byte at this place. */
  Fit withBitFlippedAt(int at) {
    byte[] changed = bytes.clone();
    changed[at] ^= 1;
    return new Fit(changed);
  }

  private Value find(String node, String property) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    int strings = buffer.getInt(STRINGS_OFFSET_AT);
    buffer.position(buffer.getInt(STRUCT_OFFSET_AT));
    Deque<String> path = new ArrayDeque<>();
    while (true) {
      int token = buffer.getInt();
      switch (token) {
        case BEGIN_NODE -> {
          String name = name(buffer.position());
          buffer.position(aligned(buffer.position() + name.length() + 1));
          path.addLast(name);
        }
        case END_NODE -> path.removeLast();
        case PROPERTY -> {
          int length = buffer.getInt();
          String name = name(strings + buffer.getInt());
          Value value = new Value(buffer.position(), length);
          if (name.equals(property) && joined(path).equals(node)) {
            return value;
          }
          buffer.position(aligned(value.at() + length));
        }
        case NOTHING -> {
          // For nobody.
        }
        default -> throw new HarnessException("FIT: expected " + node + " " + property + ", none");
      }
    }
  }

  // The root's own name is empty.
  private static String joined(Deque<String> path) {
    Iterator<String> names = path.iterator();
    names.next();
    StringBuilder joined = new StringBuilder();
    names.forEachRemaining(name -> joined.append('/').append(name));
    return joined.toString();
  }

  private String name(int from) {
    int end = from;
    while (bytes[end] != 0) {
      end++;
    }
    return new String(bytes, from, end - from, StandardCharsets.US_ASCII);
  }

  private static int aligned(int position) {
    return (position + 3) & ~3;
  }
}
