package dev.suture.publisher.keys.role;

import dev.suture.publisher.PublisherException;

/** Where a passphrase comes from when one is needed. */
@FunctionalInterface
public interface PassphraseSource {
  /**
   * The passphrase. Asked for once; who gets it closes it.
   *
   * @param what it opens, for prompts and messages
   * @throws PublisherException {@code PASSPHRASE_MISSING}, or why it could not be read
   */
  Passphrase get(String what) throws PublisherException;
}
