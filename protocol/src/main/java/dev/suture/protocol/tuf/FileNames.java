package dev.suture.protocol.tuf;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Names of the files of a repository and of a client (specification, sections 4.1 and 5). */
public final class FileNames {
  private static final String PLAIN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-~";

  private FileNames() {}

  /** A role's file without its version. */
  public static String metadata(String role) {
    return encoded(role) + ".json";
  }

  /** A role's file with its version in front. */
  public static String metadata(long version, String role) {
    return version + "." + metadata(role);
  }

  /** A target's path below the targets' address; its digest before its last segment, if wanted. */
  public static String target(String path, TargetFile file, boolean consistentSnapshot) {
    int slash = path.lastIndexOf('/') + 1;
    String digest = consistentSnapshot ? file.hashes().hex().values().iterator().next() + "." : "";
    return encoded(path.substring(0, slash) + digest + path.substring(slash)).replace("%2F", "/");
  }

  /** Percent-encoded, slashes too: one safe segment of a path, whatever the name. */
  public static String encoded(String name) {
    StringBuilder encoded = new StringBuilder();
    for (byte one : name.getBytes(StandardCharsets.UTF_8)) {
      char c = (char) (one & 0xff);
      if (PLAIN.indexOf(c) >= 0) {
        encoded.append(c);
      } else {
        encoded.append(String.format(Locale.ROOT, "%%%02X", one));
      }
    }
    return encoded.toString();
  }
}
