package dev.suture.link.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InboxTest {
  private final Inbox inbox = new Inbox();

  @Test
  void take_givesTheNewestFirst() {
    inbox.offer(new byte[] {1});
    inbox.offer(new byte[] {2});

    assertThat(inbox.take()).contains(new byte[] {2});
    assertThat(inbox.take()).contains(new byte[] {1});
    assertThat(inbox.take()).isEmpty();
  }

  @Test
  void offer_whenFull_dropsTheOldestAndCounts() {
    for (int i = 0; i < Inbox.NOTICES_MAX + 3; i++) {
      inbox.offer(new byte[] {(byte) i});
    }

    assertThat(inbox.dropped()).isEqualTo(3);
    for (int i = Inbox.NOTICES_MAX + 2; i >= 3; i--) {
      assertThat(inbox.take()).contains(new byte[] {(byte) i});
    }
    assertThat(inbox.take()).isEmpty();
  }
}
