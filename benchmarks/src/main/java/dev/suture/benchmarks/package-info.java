/** Measurements, each next to another tool's in the same run. */
@NullMarked
package dev.suture.benchmarks;

import org.jspecify.annotations.NullMarked;
