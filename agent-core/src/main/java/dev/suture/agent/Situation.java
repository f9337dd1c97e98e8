package dev.suture.agent;

import dev.suture.attempt.Conditions;
import dev.suture.attempt.Facts;

/**
 * What the planner decides on, besides the attempt.
 *
 * @param facts what can be read back
 * @param conditions what is known besides
 */
record Situation(Facts facts, Conditions conditions) {}
