package dev.suture.publisher.image;

import java.io.IOException;

/** Bytes of an image, read at random; they do not change. */
public interface RandomBytes {
  /** How many there are. */
  long bytes();

  /** Reads a range that lies within them into a part of the target, which stays the caller's. */
  void read(long position, byte[] target, int offset, int length) throws IOException;
}
