package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;

/** A component whose images were read. */
record InspectedComponent(ComponentSource source, ImageIdentity base, ImageIdentity image) {
  Sha256 baseSha256() {
    return base.sha256();
  }

  ComponentName name() {
    return source.name();
  }
}
