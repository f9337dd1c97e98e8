package dev.suture.hil.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.hil.replay.DiskState.Fate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskHistoryTest {
  private static final int SECTORS = 32;

  @TempDir private Path folder;

  /** What each sector of the disk is filled with, a letter for each; {@code .} for zeros. */
  private static String picture(Path image) {
    try {
      byte[] bytes = Files.readAllBytes(image);
      StringBuilder text = new StringBuilder();
      for (int sector = 0; sector < bytes.length / LogBytes.SECTOR; sector++) {
        byte first = bytes[sector * LogBytes.SECTOR];
        for (int i = 0; i < LogBytes.SECTOR; i++) {
          assertThat(bytes[sector * LogBytes.SECTOR + i]).isEqualTo(first);
        }
        text.append(first == 0 ? '.' : (char) first);
      }
      return text.toString().replaceAll("\\.+$", "");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path disk(String name) throws IOException {
    return Files.write(folder.resolve(name), new byte[SECTORS * LogBytes.SECTOR]);
  }

  private static LogBytes story() {
    return new LogBytes()
        .write(0, 4, 'a')
        .flush()
        .write(1, 4, 'b')
        .write(3, 4, 'c')
        .write(9, 1, 'd', LogBytes.FUA)
        .flush()
        .discard(0, 2)
        .write(12, 8, 'e');
  }

  @Test
  void become_landed_hasEveryEntryBeforeTheCut() throws IOException {
    try (WriteLog log = story().openIn(folder);
        DiskHistory history = new DiskHistory(log, disk("disk"), 0)) {
      List<String> pictures = new ArrayList<>();
      for (int cut = 0; cut <= log.entries().size(); cut++) {
        history.become(DiskState.landed(cut));
        pictures.add(picture(history.image()));
      }
      assertThat(pictures)
          .containsExactly(
              "",
              "aaaa",
              "aaaa",
              "abbbb",
              "abbcccc",
              "abbcccc..d",
              "abbcccc..d",
              "..bcccc..d",
              "..bcccc..d..eeeeeeee");
    }
  }

  @Test
  void become_lost_hasWhatWasFlushedAndWhatIsDurableByItself() throws IOException {
    try (WriteLog log = story().openIn(folder);
        DiskHistory history = new DiskHistory(log, disk("disk"), 0)) {
      history.become(DiskState.lost(1));
      assertThat(picture(history.image())).isEmpty();
      history.become(DiskState.lost(4));
      assertThat(picture(history.image())).isEqualTo("aaaa");
      history.become(DiskState.lost(5));
      assertThat(picture(history.image())).isEqualTo("aaaa.....d");
      history.become(DiskState.lost(8));
      assertThat(picture(history.image())).isEqualTo("abbcccc..d");
    }
  }

  @Test
  void become_dropped_isEveryCombination() throws IOException {
    assertThat(pictures(4, Fate.DROPPED))
        .containsExactlyInAnyOrder("aaaa", "abbbb", "aaacccc", "abbcccc");
  }

  @Test
  void become_reordered_mayLeaveTheEarlierOfTwo() throws IOException {
    assertThat(pictures(4, Fate.REORDERED)).containsExactlyInAnyOrder("aaaa", "abbbb", "aaacccc");
  }

  @Test
  void become_torn_losesAnySectorsButNoPartOfOne() throws IOException {
    Set<String> pictures = pictures(3, Fate.TORN);
    assertThat(pictures).contains("aaaa", "abbbb", "abaa", "aaabb", "abbb");
    assertThat(pictures).allMatch(picture -> picture.matches("a[ab][ab][ab](\\.|b)?b?"));
    assertThat(pictures).hasSize(16);
  }

  private Set<String> pictures(int cut, Fate fate) throws IOException {
    Set<String> pictures = new HashSet<>();
    try (WriteLog log = story().openIn(folder);
        DiskHistory history = new DiskHistory(log, disk("disk-" + fate), 0)) {
      for (int seed = 1; seed <= 400; seed++) {
        history.become(new DiskState(cut, fate, seed));
        pictures.add(picture(history.image()));
      }
      history.become(DiskState.lost(cut));
      assertThat(picture(history.image())).isEqualTo("aaaa");
    }
    return pictures;
  }

  @Test
  void become_sameId_isTheSameBitForBit() throws IOException {
    try (WriteLog log = story().openIn(folder)) {
      for (int seed = 1; seed < 50; seed++) {
        for (int cut = 0; cut <= log.entries().size(); cut++) {
          DiskState state = new DiskState(cut, Fate.TORN, seed);
          Path direct = disk("direct");
          Path onTheWay = disk("on-the-way");
          try (DiskHistory one = new DiskHistory(log, direct, 0);
              DiskHistory other = new DiskHistory(log, onTheWay, 0)) {
            one.become(state);
            for (int before = 0; before < cut; before++) {
              other.become(new DiskState(before, Fate.DROPPED, seed));
            }
            other.become(DiskState.parse(state.toString()));
          }
          assertThat(Files.mismatch(direct, onTheWay)).as(state.toString()).isEqualTo(-1);
        }
      }
    }
  }

  @Test
  void become_windowOfTheDisk_isThatPartOfIt() throws IOException {
    Path window = Files.write(folder.resolve("window"), new byte[6 * LogBytes.SECTOR]);
    try (WriteLog log = story().openIn(folder);
        DiskHistory history = new DiskHistory(log, window, 4L * LogBytes.SECTOR)) {
      history.become(DiskState.landed(4));
      assertThat(picture(window)).isEqualTo("ccc");
      history.become(DiskState.lost(4));
      assertThat(picture(window)).isEmpty();
      history.become(DiskState.landed(8));
      assertThat(picture(window)).isEqualTo("ccc..d");
    }
  }

  @Test
  void become_backwardsOrBeyondTheEnd_isRefused() throws IOException {
    try (WriteLog log = story().openIn(folder);
        DiskHistory history = new DiskHistory(log, disk("disk"), 0)) {
      history.become(DiskState.landed(7));
      assertThatThrownBy(() -> history.become(DiskState.landed(1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("only goes forward");
      assertThatThrownBy(() -> history.become(DiskState.landed(9)))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void parse_notAState_isRefused() {
    for (String text :
        List.of("", "1", "1.torn", "-1.torn.3", "1.melted.3", "1.landed.3", "1.torn.3 ")) {
      assertThatThrownBy(() -> DiskState.parse(text))
          .as(text)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
