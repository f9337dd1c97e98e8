package dev.suture.trust.tuf;

import dev.suture.protocol.failure.SutureException;
import java.util.Optional;

/** The metadata that a client has believed, by file name: verified when it was stored. */
public interface LocalMetadata {
  /** The whole file, or nothing if there is none. */
  Optional<byte[]> load(String name, int bytesMax) throws SutureException;

  /** Replaces a file, as a whole; durable on return. */
  void store(String name, byte[] bytes) throws SutureException;

  /** Removes a file, if it is there; durable on return. */
  void delete(String name) throws SutureException;
}
