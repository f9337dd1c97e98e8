package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.release.ComponentCost;
import dev.suture.publisher.release.ComponentSource;
import dev.suture.publisher.release.PatchBuilder;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "build",
    header = "Make the payloads of one component, and the statement about them.",
    description = {
      "",
      "Applies the payloads with the device's own code before the statement is written. The folder"
          + " keeps what was built before: the next signature is over all of it.",
      ""
    },
    optionListHeading = "Options:%n")
@SuppressWarnings("NullAway.Init") // picocli sets what it injects, and required options.
final class PatchBuildCommand extends PublisherCommand {
  @Option(
      names = "--component",
      paramLabel = ComponentSource.FORM,
      required = true,
      description = "The component with its image in the baseline and its new image.")
  private ComponentSource component;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The vendor's folder; made if it is missing.")
  private Path out;

  @Option(
      names = "--work",
      paramLabel = "DIR",
      defaultValue = "${sys:java.io.tmpdir}",
      description = "Where payloads are made (default ${DEFAULT-VALUE}).")
  private Path workParent;

  @Mixin private PayloadOptions deltas;

  @Spec private CommandSpec spec;

  PatchBuildCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    ComponentCost cost =
        new PatchBuilder(out, workParent, console()::progress, deltas.rules(spec)).build(component);
    String image = cost.component().image().sha256().hex();
    console()
        .result(
            json(),
            component.name()
                + ": delta "
                + cost.deltaBytes()
                + " bytes, full "
                + cost.fullBytes()
                + ", statement about image "
                + image
                + "; sign it with \"suture-publish patch sign\"\n"
                + deltas.explained(cost),
            document -> {
              document.name("component").value(component.name().word());
              document.name("image_sha256").value(image);
              document.name("delta_bytes").value(cost.deltaBytes());
              document.name("full_zstd_bytes").value(cost.fullBytes());
              document.name("out").value(out.toString());
              deltas.explain(cost, document);
            });
  }
}
