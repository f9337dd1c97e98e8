package dev.suture.attempt;

/**
 * What to do next.
 *
 * @param step the one step
 * @param because why, one clause for people and for {@code suture why}
 */
public record Decision(Step step, String because) {}
