package dev.suture.publisher.delta;

/**
 * What a delta consists of.
 *
 * @param deltaBytes length of the delta
 * @param imageBytes length of the image: the sum of the next three
 * @param copiedBytes bytes of the image that are taken from the base as they are
 * @param addedBytes bytes of the image that are a byte of the base and a difference
 * @param insertedBytes bytes of the image that are in the delta
 * @param operations number of operations
 */
public record DeltaStats(
    long deltaBytes,
    long imageBytes,
    long copiedBytes,
    long addedBytes,
    long insertedBytes,
    long operations) {}
