package dev.suture.agent;

import dev.suture.protocol.Sha256;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.manifest.Manifest;
import java.util.Optional;

/** What runs on the device now: what its start mounted, or what it was switched to since. */
final class WhatRuns {
  private Startup.Running now;
  private Optional<StatusDocument.Activation> activation = Optional.empty();

  WhatRuns(Startup.Running started) {
    this.now = started;
  }

  Startup.Running now() {
    return now;
  }

  Slot slot() {
    return now.slot();
  }

  Optional<Manifest> manifest() {
    return now.manifest();
  }

  Optional<Sha256> digest() {
    return now.manifest().map(Manifest::digest);
  }

  /** How it came to run, if not by a start of the device. */
  Optional<StatusDocument.Activation> activation() {
    return activation;
  }

  /** Something else runs from now on, without a start of the device. */
  void switched(Startup.Running next, StatusDocument.Activation how) {
    now = next;
    activation = Optional.of(how);
  }
}
