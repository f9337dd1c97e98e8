package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.publisher.PublisherException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** Reads the base images of an OS release. */
public final class BaselineRecorder {
  private BaselineRecorder() {}

  /**
   * The digest of each.
   *
   * @throws PublisherException {@code INPUT_UNREADABLE}, {@code IMAGE_UNSUITABLE}
   */
  public static Map<ComponentName, Sha256> digests(Map<ComponentName, Path> images)
      throws PublisherException {
    Map<ComponentName, Sha256> digests = new TreeMap<>();
    for (Map.Entry<ComponentName, Path> image : images.entrySet()) {
      digests.put(
          image.getKey(), ImageInspector.inspect(image.getKey(), image.getValue()).sha256());
    }
    return digests;
  }
}
