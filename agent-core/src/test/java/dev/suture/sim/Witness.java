package dev.suture.sim;

/** Is told what a run looks at. */
@FunctionalInterface
interface Witness {
  /** It asked this about the flash as it was at the beginning, for the first time. */
  void saw(Question question, Object answer);
}
