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
  private final Path work;
  private final Progress progress;

  /**
   * A builder.
   *
   * @param out the vendor's folder
   * @param work an empty folder for payloads in the making
   */
  public PatchBuilder(Path out, Path work, Progress progress) {
    this.out = out;
    this.work = work;
    this.progress = progress;
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
            ImageInspector.inspect(source.name(), source.base()).sha256(),
            ImageInspector.inspect(source.name(), source.image()));
    Finished finished =
        new PayloadWorkshop(
                new EnginePayloads(), Predecessor.none(Repository.at(out)), work, progress)
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
