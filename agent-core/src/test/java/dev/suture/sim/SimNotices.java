package dev.suture.sim;

import dev.suture.link.NoticeSource;
import dev.suture.protocol.Notice;
import java.util.Optional;

/** Notices as the broker keeps them: the newest one. */
public final class SimNotices implements NoticeSource {
  private Optional<byte[]> newest = Optional.empty();

  /** A publisher sends a notice. */
  public void send(long sequence) {
    newest = Optional.of(new Notice(sequence).encode());
  }

  /** Somebody sends bytes. */
  public void sendRaw(byte[] bytes) {
    newest = Optional.of(bytes.clone());
  }

  @Override
  public Optional<byte[]> take() {
    Optional<byte[]> taken = newest;
    newest = Optional.empty();
    return taken;
  }
}
