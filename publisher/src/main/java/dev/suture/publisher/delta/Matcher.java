package dev.suture.publisher.delta;

/** Finds in the base what the image has at a position. One thread. */
interface Matcher {
  /**
   * Looks for a long match.
   *
   * @param position where in the image it begins
   * @param expected where the base is likely to have it; may lie outside the base
   * @return its length; 0 for none that is worth telling
   */
  long find(long position, long expected);

  /**
   * Where in the base the match of the last {@link #find} begins: of equally long ones, one that is
   * near to what was expected.
   */
  long basePosition();

  /** One for another thread, which looks in the same. */
  Matcher another();
}
