package dev.suture.publisher.release;

import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.release.PayloadWorkshop.Finished;
import dev.suture.publisher.repository.Repository;
import dev.suture.publisher.repository.VendorFolder;
import java.nio.file.Path;
import java.util.List;

/** Makes what a vendor hands over about one component: payloads, and the statement about them. */
public final class PatchBuilder {
  private final Path out;
  private final Path workParent;
  private final Progress progress;
  private final PayloadRules rules;

  /**
   * A builder.
   *
   * @param out the vendor's folder
   * @param workParent folder for a work folder, which is removed in the end
   * @param progress takes lines for people
   * @param rules what is asked of deltas; whether they take little memory, as the publisher chooses
   *     it
   */
  public PatchBuilder(Path out, Path workParent, Progress progress, PayloadRules rules) {
    this.out = out;
    this.workParent = workParent;
    this.progress = progress;
    this.rules = rules;
  }

  /**
   * Builds it and checks it with the device's own code; durable on return, the statement last.
   *
   * @throws PublisherException as a release's images and payloads; the vendor's folder is as before
   */
  public ComponentCost build(ComponentSource source) throws PublisherException {
    InspectedComponent component =
        new InspectedComponent(
            source,
            ImageInspector.inspect(source.name(), source.base()),
            ImageInspector.inspect(source.name(), source.image()));
    try (WorkFolder work = WorkFolder.make(workParent, progress)) {
      Finished finished =
          new PayloadWorkshop(
                  new EnginePayloads(rules.lowMemory(), rules.fullLevel()),
                  rules,
                  Predecessor.none(Repository.at(out)),
                  work.path(),
                  progress)
              .makeAll(List.of(component))
              .get(0);
      PatchComponent made = finished.cost().component();
      VendorFolder folder = new VendorFolder(out);
      folder.add(finished.delta().payload().file(), finished.delta().content());
      folder.add(finished.full().payload().file(), finished.full().content());
      folder.add(made);
      return finished.cost();
    }
  }
}
