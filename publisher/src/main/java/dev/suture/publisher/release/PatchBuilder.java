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
  private final PayloadMaker maker;

  /**
   * A builder.
   *
   * @param out the vendor's folder
   * @param workParent folder for a work folder, which is removed in the end
   * @param progress takes lines for people
   * @param lowMemory whether deltas take little memory and are larger, as the publisher chooses it
   */
  public PatchBuilder(Path out, Path workParent, Progress progress, boolean lowMemory) {
    this.out = out;
    this.workParent = workParent;
    this.progress = progress;
    this.maker = new EnginePayloads(lowMemory);
  }

  /**
   * Builds it and checks it with the device's own code; durable on return, the statement last.
   *
   * @throws PublisherException as a release's images and payloads
   */
  public ComponentCost build(ComponentSource source) throws PublisherException {
    InspectedComponent component =
        new InspectedComponent(
            source,
            ImageInspector.inspect(source.name(), source.base()),
            ImageInspector.inspect(source.name(), source.image()));
    try (WorkFolder work = WorkFolder.make(workParent, progress)) {
      Finished finished =
          new PayloadWorkshop(maker, Predecessor.none(Repository.at(out)), work.path(), progress)
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
