package dev.suture.benchmarks;

import dev.suture.arm64.background.IdleClass;
import dev.suture.background.BackgroundClass;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.nio.file.Path;

/** Rebuilds an image again and again, as an agent does it or like any other work, until killed. */
final class RebuildRepeatedly {
  private RebuildRepeatedly() {}

  /** How the work is done. */
  enum How {
    /** In the idle classes, as the agent does it. */
    IDLE,
    /** As any program works. */
    NORMAL
  }

  private static final class Normal implements BackgroundClass {
    @Override
    public <T> T run(Work<T> work) throws SutureException {
      return work.run();
    }
  }

  /**
   * Arguments: a {@link How}, and those of {@link RebuildOnce}. Prints a line when the first image
   * is written, and one for each that follows.
   */
  public static void main(String[] args) throws Exception {
    BackgroundClass background = How.valueOf(args[0]) == How.IDLE ? new IdleClass() : new Normal();
    Path base = Path.of(args[1]);
    Sha256 baseSha256 = Sha256.ofHex(args[2]);
    Path delta = Path.of(args[3]);
    Path slot = Path.of(args[4]);
    ImageIdentity image =
        new ImageIdentity(
            Long.parseLong(args[5]),
            Sha256.ofHex(args[6]),
            Sha256.ofHex(args[7]),
            Sha256.ofHex(args[8]));
    // A warmed one first, so that what is measured is no compiler.
    Rebuild.run(base, baseSha256, delta, image, slot);
    System.out.println("begins");
    while (true) {
      background.<Long>run(
          () -> {
            try {
              return Rebuild.run(base, baseSha256, delta, image, slot);
            } catch (SutureException e) {
              throw e;
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          });
      System.out.println("rebuilt");
    }
  }
}
