package dev.suture.hil;

import dev.suture.hil.qemu.QemuRig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.LifecycleMethodExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/**
 * One bench for the tests of one class, which share one device run. When a test fails, the ends of
 * the serial log and of the other logs are in its report, and the tests after it fail at once: the
 * device is not in the state that they begin with.
 */
final class BenchExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        LifecycleMethodExecutionExceptionHandler {
  private final String name;
  private final Function<Path, Rig> rigIn;
  private @Nullable Bench bench;
  private @Nullable Throwable firstFailure;

  /**
   * A bench whose files are in {@code target/hil/NAME}.
   *
   * @param runLimit longest time from one power-on of the device to the next
   */
  BenchExtension(String name, Duration runLimit) {
    this(name, folder -> new QemuRig(folder, runLimit));
  }

  /**
   * As {@link #BenchExtension(String, Duration)} around another rig.
   *
   * @param rigIn makes the rig, whose files go to this folder
   */
  BenchExtension(String name, Function<Path, Rig> rigIn) {
    this.name = name;
    this.rigIn = rigIn;
  }

  Bench bench() {
    Bench made = bench;
    if (made == null) {
      throw new IllegalStateException("the bench is there from the first @BeforeAll on");
    }
    return made;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    bench =
        Bench.start(
            Project.root().resolve("target/hil").resolve(name), rigIn, line -> {}, line -> {});
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    if (firstFailure != null) {
      throw new AssertionError("not run: an earlier test of this device run failed", firstFailure);
    }
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    throw withEvidence(throwable);
  }

  @Override
  public void handleBeforeAllMethodExecutionException(ExtensionContext context, Throwable throwable)
      throws Throwable {
    throw withEvidence(throwable);
  }

  private Throwable withEvidence(Throwable throwable) {
    if (firstFailure == null) {
      firstFailure = throwable;
      throwable.addSuppressed(new HarnessException("evidence:\n" + bench().evidence()));
    }
    return throwable;
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (bench != null) {
      bench.close();
    }
  }
}
