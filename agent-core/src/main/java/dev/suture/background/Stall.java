package dev.suture.background;

/**
 * How long some program had to wait for a resource.
 *
 * @param recentPercent of the last ten seconds, 0 to 100
 * @param totalMicros since the start of the device
 */
public record Stall(int recentPercent, long totalMicros) {}
