package dev.suture.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Two versions of packages.
 *
 * @param name also of the folder with old.img and new.img
 * @param code whether most of it is ELF files
 * @param versions what was found, for people
 * @param complete whether there are two versions
 * @param debBytes length of the new version's packages
 */
record ComparedPair(String name, boolean code, String versions, boolean complete, long debBytes) {
  private static final int FIELDS = 5;

  /**
   * Reads a list: name, {@code elf} or {@code data}, versions, {@code pair} or {@code single}, and
   * bytes of packages, separated by tabs.
   */
  static List<ComparedPair> read(Path list) throws IOException {
    List<ComparedPair> pairs = new ArrayList<>();
    for (String line : Files.readAllLines(list, StandardCharsets.UTF_8)) {
      String[] field = line.split("\t", -1);
      if (field.length != FIELDS) {
        throw new IOException(list + ": expected 5 fields, got " + field.length + ": " + line);
      }
      pairs.add(
          new ComparedPair(
              field[0],
              field[1].equals("elf"),
              field[2],
              field[3].equals("pair"),
              Long.parseLong(field[4])));
    }
    return pairs;
  }
}
