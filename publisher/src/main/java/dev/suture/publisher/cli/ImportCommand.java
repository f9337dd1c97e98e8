package dev.suture.publisher.cli;

import dev.suture.publisher.PublisherException;
import dev.suture.publisher.keys.role.SigningRequest;
import dev.suture.publisher.release.Importer;
import dev.suture.publisher.repository.Publication;
import dev.suture.publisher.repository.Published;
import dev.suture.publisher.workspace.RequestFolder;
import dev.suture.publisher.workspace.RequestFolder.NamedRequest;
import dev.suture.publisher.workspace.ReturnedSignatures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    header = "Publish what was signed elsewhere.",
    description = {
      "",
      "Reads the requests that a command wrote with --requests, and the *.signature.json files beside"
          + " them; verifies each signature with the keys of the published root, and publishes"
          + " exactly what was signed, if enough have signed and nothing else was published"
          + " meanwhile. Needs the keys of snapshot and timestamp in --keys; keys of root and targets"
          + " sign nothing here.",
      "",
      "If signatures are missing, it says whose, and can be run again. Requests and signatures are"
          + " left where they are; what is published already is passed over.",
      ""
    },
    optionListHeading = "Options:%n",
    footer = {
      "",
      "Example:",
      "  suture-publish release --keys keys --repository mirror --requests requests ...",
      "  suture-publish key sign --request requests/targets.2.request.json \\",
      "    --key /media/alice/targets-ed25519.key --out requests/alice.signature.json",
      "  suture-publish key sign --request requests/targets.2.request.json \\",
      "    --key /media/bob/targets-ml-dsa-65.key --out requests/bob.signature.json",
      "  suture-publish import --keys keys --repository mirror --requests requests"
    })
@SuppressWarnings("NullAway.Init") // picocli sets what it injects.
final class ImportCommand extends PublisherCommand {
  @Spec private CommandSpec spec;

  @Mixin private RepositoryOptions options;

  @Option(
      names = "--signature",
      paramLabel = "FILE",
      arity = "1..*",
      description = "Signatures that are not in the --requests folder.")
  private List<Path> signatures = new ArrayList<>();

  ImportCommand(Console console) {
    super(console);
  }

  @Override
  void run() throws PublisherException {
    RequestFolder folder =
        options
            .requests()
            .orElseThrow(
                () ->
                    new CommandLine.ParameterException(
                        spec.commandLine(), "Missing required option: '--requests DIR'"));
    List<NamedRequest> requests = folder.requests();
    ReturnedSignatures returned =
        ReturnedSignatures.of(
            folder,
            requests,
            folder.signatures(signatures),
            options.workspace().keys(options.passphrase()));
    List<SigningRequest> drafts = requests.stream().map(NamedRequest::request).toList();
    Importer importer =
        new Importer(options.repository(), options.authority(returned), console()::progress);
    Importer.Report report;
    boolean newRoot;
    try (Publication publication = importer.begin(drafts)) {
      report = importer.take(publication, drafts);
      newRoot = options.keepRoot(report.published());
    }
    Published published = report.published();
    String what =
        report.taken().isEmpty()
            ? "nothing to do: " + String.join("; ", report.passedOver())
            : String.join(", ", report.taken()) + ": published";
    console()
        .result(
            json(),
            options.prefix()
                + what
                + ", timestamp version "
                + published.version()
                + (newRoot
                    ? "; " + options.workspace().rootFile() + " is for new device images"
                    : "")
                + "\n",
            document -> {
              document.name("dry_run").value(options.dryRun());
              document.name("nothing_to_do").value(report.taken().isEmpty());
              document.name("taken").beginArray();
              for (String one : report.taken()) {
                document.value(one);
              }
              document.endArray();
              document.name("passed_over").beginArray();
              for (String one : report.passedOver()) {
                document.value(one);
              }
              document.endArray();
              document.name("root_version").value(published.root().signed().version());
              document.name("timestamp_version").value(published.version());
            });
  }
}
