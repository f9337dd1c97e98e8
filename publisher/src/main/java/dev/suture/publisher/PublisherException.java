package dev.suture.publisher;

import org.jspecify.annotations.Nullable;

/**
 * Why the publisher did not do what it was told, in the five parts that a person needs. Unless the
 * text says otherwise nothing was published.
 */
public final class PublisherException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Problem problem;
  private final Details details;

  /**
   * The five parts, each without a final stop.
   *
   * @param attempted what was being done
   * @param expected what it needed
   * @param got what there was
   * @param where file, address or option
   * @param todo what the operator can do about it
   */
  public record Details(String attempted, String expected, String got, String where, String todo) {}

  /** A problem that was found here. */
  public PublisherException(Problem problem, Details details) {
    this(problem, details, null);
  }

  /** A problem whose cause was found below. */
  public PublisherException(Problem problem, Details details, @Nullable Throwable cause) {
    super(
        problem.word()
            + ": "
            + details.attempted()
            + ": expected "
            + details.expected()
            + ", got "
            + details.got()
            + " ("
            + details.where()
            + ")",
        cause);
    this.problem = problem;
    this.details = details;
  }

  /** Which problem this is. */
  public Problem problem() {
    return problem;
  }

  /** The five parts. */
  public Details details() {
    return details;
  }
}
