/**
 * The folder of static files that mirrors serve: what is published, in which order, and how it is
 * written.
 */
@NullMarked
package dev.suture.publisher.repository;

import org.jspecify.annotations.NullMarked;
