package dev.suture.publisher.release;

import dev.suture.protocol.tuf.DraftMetadata;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TargetsMetadata;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.repository.Authority;
import dev.suture.publisher.repository.PendingDrafts;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.repository.Repository;
import java.util.ArrayList;
import java.util.List;

/** Publishes drafts that were signed elsewhere. */
public final class Importer {
  private final Repository repository;
  private final Authority authority;
  private final Progress progress;

  /**
   * An importer.
   *
   * @param authority its signing has the signatures
   * @param progress takes lines for people
   */
  public Importer(Repository repository, Authority authority, Progress progress) {
    this.repository = repository;
    this.authority = authority;
    this.progress = progress;
  }

  /**
   * What was done.
   *
   * @param published what is published now
   * @param taken roles and versions that were published by this; none if all were before
   * @param passedOver what there was nothing to do for, each with why
   */
  public record Report(Published published, List<String> taken, List<String> passedOver) {
    /** Copies the lists. */
    public Report {
      taken = List.copyOf(taken);
      passedOver = List.copyOf(passedOver);
    }
  }

  /**
   * Locks the repository, see {@link Publication#beginOrCreate}.
   *
   * @param requests that are to be taken
   */
  public Publication begin(List<SigningRequest> requests) throws PublisherException {
    return Publication.beginOrCreate(repository, authority, requests, Publication.WAIT_MAX);
  }

  /**
   * Checks that the files are there which the drafts name, and publishes the drafts; durable on
   * return. If power fails inside, the same again finishes the work. Those that were published
   * before are passed over.
   *
   * @param publication what {@link #begin} has begun; it is not closed
   * @param requests for root and targets; their authorities are not believed
   * @throws PublisherException as {@link Publication#take}, and {@code REPOSITORY_DAMAGED} or
   *     {@code VENDOR_DISAGREES} if what was added with the drafts does not hold any more
   */
  public Report take(Publication publication, List<SigningRequest> requests)
      throws PublisherException {
    Published before = publication.published();
    if (publication.isNew()) {
      return new Report(before, List.of("targets 1"), List.of());
    }
    PendingDrafts pending = publication.pending(requests);
    List<String> passedOver = new ArrayList<>();
    for (SigningRequest request : requests) {
      DraftMetadata draft = request.draft();
      long current =
          draft.read().type() == RoleType.ROOT
              ? before.root().signed().version()
              : before.targets().signed().version();
      long version = draft.read().version();
      if (version <= current) {
        String name = request.role() + " " + version;
        passedOver.add(
            version == current
                ? name + " is published"
                : name
                    + " is older than "
                    + request.role()
                    + " "
                    + current
                    + ", which is published");
      }
    }
    passedOver.forEach(progress::line);
    if (pending.isEmpty()) {
      return new Report(before, List.of(), passedOver);
    }
    publication.rehearse(pending);
    if (pending.targets().isPresent()) {
      SignedMetadata targets = pending.targets().get().read();
      int files =
          new RepositoryCheck(repository, authority, progress)
              .checkNew(before, new TargetsMetadata(targets));
      progress.line("targets " + targets.version() + ": " + files + " new files are whole");
    }
    List<String> taken =
        pending.all().stream()
            .map(draft -> draft.read().type().word() + " " + draft.read().version())
            .toList();
    return new Report(publication.take(requests), taken, passedOver);
  }
}
