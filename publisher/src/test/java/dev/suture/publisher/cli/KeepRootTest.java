package dev.suture.publisher.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.publisher.keys.role.PassphraseSource;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.workspace.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Power failed after a new root was published, and before keys/root.json was replaced. */
final class KeepRootTest {
  private static final PassphraseSource NEVER =
      what -> {
        throw new AssertionError("no passphrase is needed: " + what);
      };

  @TempDir private Path temp;
  private CommandRun run;
  private byte[] first = {};
  private byte[] second = {};

  @BeforeEach
  void rotateAndLosePower() throws IOException {
    run = new CommandRun(temp);
    first = Files.readAllBytes(kept());
    run.done(run.onRepository("rotate", "--role", "timestamp", "--unencrypted"));
    second = Files.readAllBytes(kept());
    assertThat(second).isNotEqualTo(first).isEqualTo(published(2));
    Files.write(kept(), first);
  }

  private Path kept() {
    return temp.resolve("keys/root.json");
  }

  private byte[] published(int version) throws IOException {
    return Files.readAllBytes(temp.resolve("mirror/metadata/" + version + ".root.json"));
  }

  @Test
  void refresh_everyDay_bringsTheRootUpToDate() throws Exception {
    run.done(run.onRepository("refresh", "--dry-run"));
    assertThat(Files.readAllBytes(kept())).isEqualTo(first);
    run.done(run.onRepository("refresh"));
    assertThat(Files.readAllBytes(kept())).isEqualTo(second);
    run.done(run.onRepository("refresh", "--root"));
    assertThat(Files.readAllBytes(kept())).isEqualTo(published(3));
  }

  @Test
  void rotate_refusedLater_hasTheRootOfTheOneBefore() throws Exception {
    assertThat(run.refused(run.onRepository("rotate", "--role", "root")))
        .isEqualTo("passphrase-missing");
    assertThat(Files.readAllBytes(kept())).isEqualTo(second);
    run.done(run.onRepository("rotate", "--role", "root", "--unencrypted"));
    assertThat(Files.readAllBytes(kept())).isEqualTo(published(3));
  }

  @Test
  void keepRoot_newerOneIsThereAlready_staysAsItIs() throws Exception {
    Workspace workspace = new Workspace(temp.resolve("keys"));
    Repository repository = Repository.at(temp.resolve("mirror"));
    try (Publication publication =
        Publication.begin(
            repository, workspace.authority(NEVER, Clock.systemUTC()), Duration.ZERO)) {
      assertThat(workspace.keepRoot(repository, publication.published())).isTrue();
      assertThat(workspace.keepRoot(repository, publication.published())).isFalse();
      Files.write(
          kept(),
          new String(second, UTF_8)
              .replace("\"version\": 2", "\"version\": 3")
              .replace("\"version\":2", "\"version\":3")
              .getBytes(UTF_8));
      byte[] third = Files.readAllBytes(kept());
      assertThat(third).isNotEqualTo(second);
      assertThat(workspace.keepRoot(repository, publication.published())).isFalse();
      assertThat(Files.readAllBytes(kept())).isEqualTo(third);
    }
  }
}
