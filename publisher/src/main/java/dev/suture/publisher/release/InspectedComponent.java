package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.ImageIdentity;

/** A component whose images were read. */
record InspectedComponent(ComponentSource source, Sha256 baseSha256, ImageIdentity image) {
  ComponentName name() {
    return source.name();
  }
}
