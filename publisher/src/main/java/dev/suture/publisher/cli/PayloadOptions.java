package dev.suture.publisher.cli;

import com.google.gson.stream.JsonWriter;
import dev.suture.publisher.delta.FullPayloadWriter;
import dev.suture.publisher.explain.ExplanationFiles;
import dev.suture.publisher.explain.ExplanationJson;
import dev.suture.publisher.explain.ExplanationText;
import dev.suture.publisher.release.ComponentCost;
import dev.suture.publisher.release.PayloadRules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What is asked of payloads. */
final class PayloadOptions {
  @Option(
      names = "--low-memory",
      description =
          "Make deltas with less memory, 3 bytes of heap for one of OLD.img instead of 7; they become"
              + " larger. Always so above 512 MiB. A component's vendor and the publisher must choose"
              + " the same.")
  private boolean lowMemory;

  @Option(
      names = "--full-level",
      paramLabel = "1..19",
      defaultValue = "19",
      description =
          "How hard to compress full payloads, which only devices with a damaged base fetch, by"
              + " zstd: 19 (default) is smallest and takes minutes for a long image, 3 is larger"
              + " and takes seconds. For --sealed, a component's vendor and the publisher must choose"
              + " the same.")
  private int fullLevel;

  @Option(
      names = "--explain",
      paramLabel = "DIR",
      description =
          "Say what the bytes of each delta are spent on, per file of the image and per kind: here,"
              + " and in DIR/NAME.html (with a picture) and DIR/NAME.json. DIR is made if it is"
              + " missing; files of a delta before are replaced.")
  private @Nullable Path explain;

  @Option(
      names = "--max-bytes",
      paramLabel = "N",
      description =
          "Refuse when the delta of a component is longer than N bytes, and say what it is spent on"
              + " most. With --explain that is written all the same.")
  private @Nullable Long bytesMax;

  /** The same for whoever makes them. */
  PayloadRules rules(CommandSpec spec) {
    if (bytesMax != null && bytesMax < 1) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--max-bytes: expected 1 or more, got " + bytesMax);
    }
    if (fullLevel < FullPayloadWriter.LEVEL_MIN || fullLevel > FullPayloadWriter.LEVEL_MAX) {
      throw new CommandLine.ParameterException(
          spec.commandLine(),
          "--full-level: expected "
              + FullPayloadWriter.LEVEL_MIN
              + " to "
              + FullPayloadWriter.LEVEL_MAX
              + ", got "
              + fullLevel);
    }
    return new PayloadRules(
        lowMemory,
        fullLevel,
        bytesMax == null ? OptionalLong.empty() : OptionalLong.of(bytesMax),
        files());
  }

  private Optional<ExplanationFiles> files() {
    return Optional.ofNullable(explain).map(ExplanationFiles::new);
  }

  /** What a delta is spent on, for people; nothing if that was not asked for. */
  String explained(ComponentCost cost) {
    String name = cost.component().name().word();
    return cost.account()
        .flatMap(
            account ->
                files()
                    .map(
                        files ->
                            String.format(
                                "%n%s%n  all of it: %s%n",
                                ExplanationText.tables(name, account), files.page(name))))
        .orElse("");
  }

  /** The same for machines, into the object at hand. */
  void explain(ComponentCost cost, JsonWriter json) throws IOException {
    String name = cost.component().name().word();
    if (cost.account().isPresent() && files().isPresent()) {
      json.name("explained").beginObject();
      json.name("page").value(files().get().page(name).toString());
      json.name("document").value(files().get().json(name).toString());
      ExplanationJson.sums(json, cost.account().get());
      json.endObject();
    }
  }
}
