package dev.suture.publisher.release;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.PublisherException.Details;
import dev.suture.publisher.delta.FullPayloadWriter;
import dev.suture.publisher.delta.account.Accountant;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.explain.ExplanationFiles;
import dev.suture.publisher.explain.ExplanationText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an operator asks of payloads.
 *
 * @param lowMemory whether deltas take little memory to make, and are larger
 * @param fullLevel zstd's level of full payloads, as {@link FullPayloadWriter} takes it
 * @param bytesMax a longer delta is refused, if there is a limit
 * @param explanations gets what each delta is spent on, if that is wanted
 */
public record PayloadRules(
    boolean lowMemory,
    int fullLevel,
    OptionalLong bytesMax,
    Optional<ExplanationFiles> explanations) {
  private static final int REASONS = 3;

  /** No limit, and nothing explained. */
  public static PayloadRules of(boolean lowMemory) {
    return new PayloadRules(
        lowMemory, FullPayloadWriter.LEVEL_MAX, OptionalLong.empty(), Optional.empty());
  }

  /**
   * Makes the folder of explanations, before work begins that takes minutes.
   *
   * @throws PublisherException {@code STORAGE_FAILED}
   */
  void prepare() throws PublisherException {
    if (explanations.isPresent()) {
      explanations.get().prepare();
    }
  }

  /**
   * Looks at a delta that was checked with the device's own code. It is explained before it is
   * refused, as the explanation says what made it long.
   *
   * @return what it is spent on, if that is wanted
   * @throws PublisherException {@code DELTA_TOO_LONG}; {@code STORAGE_FAILED} if the explanation
   *     cannot be written; {@code SELF_CHECK_FAILED} if the file changed meanwhile
   */
  Optional<DeltaAccount> check(ComponentName component, Path delta, Path image)
      throws PublisherException, IOException {
    long bytes = Files.size(delta);
    boolean isTooLong = bytesMax.isPresent() && bytes > bytesMax.getAsLong();
    if (explanations.isEmpty() && !isTooLong) {
      return Optional.empty();
    }
    DeltaAccount account = account(component, delta, image);
    if (explanations.isPresent()) {
      explanations.get().write(component.word(), account);
    }
    if (isTooLong) {
      throw tooLong(component, bytesMax.getAsLong(), account, image);
    }
    return Optional.of(account);
  }

  private static DeltaAccount account(ComponentName component, Path delta, Path image)
      throws PublisherException, IOException {
    try {
      return Accountant.of(delta, image);
    } catch (RejectedException e) {
      throw new PublisherException(
          Problem.SELF_CHECK_FAILED,
          new Details(
              "read the delta of " + component + " again",
              "what was checked a moment ago",
              e.explanation(),
              delta.toString(),
              "something else wrote to the file: run the command again; nothing was published"),
          e);
    }
  }

  private static PublisherException tooLong(
      ComponentName component, long bytesMax, DeltaAccount account, Path image) {
    return new PublisherException(
        Problem.DELTA_TOO_LONG,
        new Details(
            "make the delta of " + component,
            String.format(Locale.ROOT, "at most %,d bytes", bytesMax),
            String.format(
                Locale.ROOT,
                "%,d bytes: %s",
                account.deltaBytes(),
                ExplanationText.reasons(account, REASONS)),
            image.toString(),
            "leave out of the image what the fix does not need, look at more with --explain, or"
                + " allow more with --max-bytes"));
  }
}
