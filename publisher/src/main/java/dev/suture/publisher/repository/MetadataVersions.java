package dev.suture.publisher.repository;

import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.publisher.PublisherException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Which versions of a role's file are there. A number whose file is there is never used for another
 * one, whether anything stands for it or not: a device may have seen the timestamp that stood for
 * it before the power failed.
 */
final class MetadataVersions {
  private static final String ENDING = ".json";

  private final Repository repository;

  MetadataVersions(Repository repository) {
    this.repository = repository;
  }

  /** The lowest number above {@code known} that no file of this role has. */
  long next(String role, long known) throws PublisherException {
    String suffix = "." + FileNames.encoded(role) + ENDING;
    long highest = known;
    try {
      for (String name : repository.storage().list(Repository.METADATA)) {
        if (name.endsWith(suffix)) {
          highest = Math.max(highest, number(name.substring(0, name.length() - suffix.length())));
        }
      }
    } catch (IOException e) {
      throw repository.unreadable(Repository.METADATA, e);
    }
    return highest + 1;
  }

  /** Whether this very file is there. */
  boolean isThere(long version, String role, byte[] file) throws PublisherException {
    return file(version, role).map(there -> Arrays.equals(there, file)).orElse(false);
  }

  /** The file of this version that says the same, whoever signed it; if it is there. */
  Optional<byte[]> signing(RoleType role, long version, byte[] signedBytes)
      throws PublisherException {
    return file(version, role.word())
        .filter(
            there -> {
              try {
                return Arrays.equals(
                    SignedMetadata.decode(
                            role, role.word(), there, MetadataEdition.METADATA_BYTES_MAX)
                        .signedBytes(),
                    signedBytes);
              } catch (IllegalArgumentException e) {
                return false; // Whatever it is, it does not say the same.
              }
            });
  }

  private Optional<byte[]> file(long version, String role) throws PublisherException {
    String name = FileNames.metadata(version, role);
    try {
      return repository.metadata(name, MetadataEdition.METADATA_BYTES_MAX);
    } catch (IOException e) {
      throw repository.unreadable(Repository.METADATA + "/" + name, e);
    }
  }

  private static long number(String text) {
    long number = text.matches("[0-9]{1,16}") ? Long.parseLong(text) : 0;
    return number <= SignedMetadata.VERSION_MAX ? number : 0;
  }
}
