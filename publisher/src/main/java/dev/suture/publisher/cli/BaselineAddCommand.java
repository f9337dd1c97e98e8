package dev.suture.publisher.cli;

import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.manifest.Compatibility;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.release.BaselineRecorder;
import dev.suture.publisher.workspace.BaselineRecord;
import dev.suture.publisher.workspace.Workspace;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "add",
    header = "Record an OS release: the digest of every component's base image.",
    description = {
      "",
      "From then on every release for it carries the digest over all of them, and a base image that"
          + " differs is refused. Kept in DIR/publisher.json.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class BaselineAddCommand extends PublisherCommand {
  @Option(
      names = "--keys",
      paramLabel = "DIR",
      required = true,
      description = "Folder that \"init\" made.")
  private Path keys;

  @Mixin private BaselineOptions target;

  @Option(
      names = "--component",
      paramLabel = "NAME=IMAGE",
      required = true,
      arity = "1..*",
      description = "Every component of the release with its image as flashed.")
  private Map<ComponentName, Path> components;

  @Option(names = "--dry-run", description = "Read the images, write nothing.")
  private boolean dryRun;

  BaselineAddCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    Workspace workspace = new Workspace(keys);
    workspace.requireUnrecorded(target.model, target.baseline);
    Map<ComponentName, Sha256> digests = BaselineRecorder.digests(components);
    if (!dryRun) {
      // The images took minutes: what others have recorded meanwhile stays.
      workspace.record(new BaselineRecord(target.model, target.baseline, digests));
    }
    Sha256 digest = Compatibility.digest(digests);
    console()
        .result(
            json(),
            (dryRun ? "dry run, nothing was written: " : "")
                + target.baseline
                + " for "
                + target.model
                + ": "
                + digests.size()
                + " components, digest "
                + digest.hex()
                + "\n",
            document -> {
              document.name("dry_run").value(dryRun);
              document.name("model").value(target.model);
              document.name("baseline").value(target.baseline.version());
              document.name("digest").value(digest.hex());
              document.name("bases").beginObject();
              for (Map.Entry<ComponentName, Sha256> base : digests.entrySet()) {
                document.name(base.getKey().word()).value(base.getValue().hex());
              }
              document.endObject();
            });
  }
}
