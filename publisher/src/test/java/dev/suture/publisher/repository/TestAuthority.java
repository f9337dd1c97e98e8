package dev.suture.publisher.repository;

import dev.suture.protocol.Baseline;
import dev.suture.protocol.Level;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.tuf.TargetFile;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.PassphraseSource;
import dev.suture.publisher.workspace.Settings;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** Publishers with keys of their own. */
public final class TestAuthority {
  /** Nobody, until there are keys. */
  public static final Authority NONE =
      new Authority(new byte[0], requests -> List.of(), Expiry.DEFAULT, Clock.systemUTC());

  private static final PassphraseSource NEVER =
      what -> {
        throw new AssertionError("no passphrase is needed: " + what);
      };

  private TestAuthority() {}

  /** Makes keys in this folder. */
  public static Authority in(Path keys, Clock clock) throws PublisherException {
    Workspace workspace = new Workspace(keys);
    workspace.init(Settings.DEFAULT, Optional.empty(), NEVER, clock);
    return workspace.authority(NEVER, clock);
  }

  /** A level for everybody. */
  static LevelEntry entry(String model, Baseline baseline, String level, TargetFile manifest) {
    String path = LevelEntry.path(model, baseline, new Level(level));
    return new LevelEntry(
        model,
        baseline,
        new Level(level),
        LevelEntry.reference(path, manifest, true),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}
