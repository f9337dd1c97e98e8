package dev.suture.publisher.cli;

import dev.suture.protocol.tuf.RoleKeys;
import dev.suture.protocol.tuf.TufKey;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.KeyFile;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** Keys whose private halves are elsewhere. */
final class PublicKeyFiles {
  private PublicKeyFiles() {}

  /**
   * The keys in these files.
   *
   * @param threshold how many must sign; all if it is not said
   */
  static RoleKeys read(CommandSpec spec, List<Path> files, @Nullable Integer threshold)
      throws PublisherException {
    Map<String, TufKey> keys = new LinkedHashMap<>();
    for (Path file : files) {
      TufKey key = KeyFile.readPublic(file);
      keys.put(key.id(), key);
    }
    int needed = threshold == null ? keys.size() : threshold;
    if (needed < 1 || needed > keys.size()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--threshold: expected 1 to " + keys.size() + ", the number of keys, got " + needed);
    }
    return new RoleKeys(keys, needed);
  }
}
