@org.jspecify.annotations.NullMarked
package dev.suture.publisher.keys.role;
