package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * A shared library of arm64 as a compiler and a linker make it: functions that call each other and
 * others', use data and the stack, tables of pointers, relocations, symbols, frames. What is random
 * depends on the seed and on the function, so that an edit leaves the other functions as they were
 * in the source, and moves all of them in the file.
 */
final class Arm64Program {
  private static final int LINK_SECONDS_MAX = 60;

  /** So many functions have one that others can find by its name. */
  private static final int EXPORTED_ONE_IN = 20;

  /** Names first, so that symbols are in the order of what they name, as a compiler has them. */
  private final StringBuilder names = new StringBuilder();

  private final StringBuilder text = new StringBuilder(".text\n");
  private final StringBuilder data = new StringBuilder(".section .data.rel.ro,\"aw\"\n");
  private final int functions;

  private Arm64Program(int functions) {
    this.functions = functions;
  }

  /**
   * Assembles and links a library.
   *
   * @param functions how many functions
   * @param edited functions whose number is a multiple of this are longer, and one is inserted
   *     behind each; 0 for none
   */
  static byte[] library(Path folder, int functions, int edited, long seed)
      throws IOException, InterruptedException {
    Path object = object(folder, functions, edited, seed);
    Path library = folder.resolve("program.so");
    run(
        folder,
        "aarch64-linux-gnu-ld",
        "-shared",
        "-s",
        "--eh-frame-hdr",
        "-o",
        library.toString(),
        object.toString());
    return Files.readAllBytes(library);
  }

  /** Assembles the same, and links nothing: as the modules of a kernel are. */
  static Path object(Path folder, int functions, int edited, long seed)
      throws IOException, InterruptedException {
    Arm64Program program = new Arm64Program(functions);
    for (int i = 0; i < functions; i++) {
      boolean isEdited = edited > 0 && i % edited == 0;
      program.function("f" + i, new Random(seed + i), isEdited);
      if (isEdited) {
        program.function("added" + i, new Random(seed - i - 1), false);
      }
    }
    Path source = folder.resolve("program.s");
    Path object = folder.resolve("program.o");
    Files.writeString(source, program.names.append(program.text).append(program.data).toString());
    run(folder, "aarch64-linux-gnu-as", "-o", object.toString(), source.toString());
    return object;
  }

  private void function(String name, Random random, boolean isLonger) {
    names.append(".hidden h" + name + ", v" + name + "\n");
    if (random.nextInt(EXPORTED_ONE_IN) == 0) {
      text.append(".globl " + name + "\n");
    }
    text.append(".type " + name + ",%function\n.hidden h" + name + "\n.globl h" + name + "\n");
    text.append(name + ":\nh" + name + ":\n.cfi_startproc\n");
    if (isLonger) {
      text.append(" eor x3, x4, x5\n add w7, w7, #77\n bl extra_" + name + "\n");
    }
    int frame = isLonger ? 48 : 0;
    int length = 4 + random.nextInt(30);
    for (int i = 0; i < length; i++) {
      String function = "hf" + random.nextInt(functions);
      String value = "v" + function.substring(1);
      switch (random.nextInt(11)) {
        case 0, 1 -> text.append(" bl " + function + "\n");
        case 2 -> text.append(" adrp x0, " + value + "\n add x0, x0, :lo12:" + value + "\n");
        case 3 ->
            text.append(
                " adrp x1, " + value + "\n mov x9, x10\n ldr x2, [x1, :lo12:" + value + "]\n");
        case 4 -> text.append(" cbz x3, 1f\n b " + function + "\n1:\n");
        case 5 -> text.append(" tbz x4, #3, 2f\n sub x4, x4, #1\n2:\n");
        case 6 -> text.append(" adr x5, h" + name + "\n");
        case 7 -> text.append(" bl imported_" + random.nextInt(functions) + "\n");
        case 8 -> text.append(" str x8, [sp, #" + (8 * random.nextInt(20) + frame) + "]\n");
        default -> text.append(" add w6, w6, #" + random.nextInt(4096) + "\n");
      }
    }
    text.append(" ret\n.cfi_endproc\n.size " + name + ", . - " + name + "\n");
    String own = "v" + name;
    data.append(
        ".hidden "
            + own
            + "\n.globl "
            + own
            + "\n"
            + own
            + ": .xword h"
            + name
            + ", "
            + random.nextInt(1000)
            + "\n");
  }

  private static void run(Path folder, String... command) throws IOException, InterruptedException {
    Path log = folder.resolve("log");
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      throw new AssertionError(command[0] + ": expected it on the PATH; ./setup installs it", e);
    }
    assertThat(process.waitFor(LINK_SECONDS_MAX, TimeUnit.SECONDS)).as(command[0]).isTrue();
    assertThat(process.exitValue()).as("%s: %s", command[0], Files.readString(log)).isZero();
  }
}
