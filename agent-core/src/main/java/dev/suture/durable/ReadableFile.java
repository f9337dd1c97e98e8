package dev.suture.durable;

import dev.suture.protocol.bundle.ReadableSource;

/** A file opened for reading. */
public interface ReadableFile extends ReadableSource, AutoCloseable {
  @Override
  void close();
}
