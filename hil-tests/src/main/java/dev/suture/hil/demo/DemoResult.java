package dev.suture.hil.demo;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of one run, each measured in that run: {@code result.json} and the final table. */
final class DemoResult {
  private final Map<String, Object> figures = new LinkedHashMap<>();
  private final List<Component> components = new ArrayList<>();

  /** What a component costs. */
  record Component(
      String name,
      String oldVersion,
      String newVersion,
      long imageBytes,
      long debBytes,
      long fullZstdBytes,
      long deltaBytes) {}

  void add(Component component) {
    components.add(component);
  }

  void text(String name, String value) {
    figures.put(name, value);
  }

  void number(String name, long value) {
    figures.put(name, value);
  }

  /** Rounded to milliseconds. */
  void seconds(String name, double value) {
    figures.put(name, Math.round(value * 1_000) / 1_000.0);
  }

  void truth(String name, boolean value) {
    figures.put(name, value);
  }

  /** Writes all figures; the file is complete or absent. */
  void write(Path file) throws IOException {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.beginObject();
      json.name("components").beginArray();
      for (Component component : components) {
        json.beginObject();
        json.name("name").value(component.name());
        json.name("old_version").value(component.oldVersion());
        json.name("new_version").value(component.newVersion());
        json.name("deb_bytes").value(component.debBytes());
        json.name("full_zstd_bytes").value(component.fullZstdBytes());
        json.name("delta_bytes").value(component.deltaBytes());
        json.name("image_bytes").value(component.imageBytes());
        json.endObject();
      }
      json.endArray();
      for (Map.Entry<String, Object> figure : figures.entrySet()) {
        json.name(figure.getKey());
        if (figure.getValue() instanceof Boolean truth) {
          json.value(truth);
        } else if (figure.getValue() instanceof Number number) {
          json.value(number);
        } else {
          json.value(figure.getValue().toString());
        }
      }
      json.endObject();
    }
    Path aside = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(aside, text + "\n");
    Files.move(aside, file, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  /** A small table for people. */
  String table() {
    StringBuilder table = new StringBuilder();
    table.append(
        String.format(
            Locale.ROOT,
            "%-11s %-22s %-22s %14s %14s %14s %12s%n",
            "component",
            "from",
            "to",
            "image bytes",
            "Debian's .deb",
            "full (zstd)",
            "delta"));
    for (Component component : components) {
      table.append(
          String.format(
              Locale.ROOT,
              "%-11s %-22s %-22s %,14d %,14d %,14d %,12d%n",
              component.name(),
              component.oldVersion(),
              component.newVersion(),
              component.imageBytes(),
              component.debBytes(),
              component.fullZstdBytes(),
              component.deltaBytes()));
    }
    table.append(System.lineSeparator());
    figures.forEach(
        (name, value) -> table.append(String.format(Locale.ROOT, "%-28s %s%n", name, value)));
    return table.toString();
  }
}
