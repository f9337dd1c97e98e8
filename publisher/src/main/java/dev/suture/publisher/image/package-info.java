/** What is where in a component image, for people: names of files. */
@NullMarked
package dev.suture.publisher.image;

import org.jspecify.annotations.NullMarked;
