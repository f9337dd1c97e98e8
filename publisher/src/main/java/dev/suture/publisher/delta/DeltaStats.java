package dev.suture.publisher.delta;

/**
 * What a delta consists of.
 *
 * @param deltaBytes length of the delta
 * @param imageBytes length of the image: the sum of the next three
 * @param predictedBytes bytes of the image that are predicted from the base
 * @param surpriseBytes bytes of the image that were predicted otherwise
 * @param newBytes bytes of the image that are in the delta
 * @param copies ranges that are taken from the base
 */
public record DeltaStats(
    long deltaBytes,
    long imageBytes,
    long predictedBytes,
    long surpriseBytes,
    long newBytes,
    long copies) {}
