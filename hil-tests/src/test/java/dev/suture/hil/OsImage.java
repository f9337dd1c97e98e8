package dev.suture.hil;

import dev.suture.protocol.json.StrictJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Where the files of the OS image are, so that one of them can be damaged on a device. */
final class OsImage {
  private static final int BLOCK_BYTES = 4_096;
  private static final int JSON_BYTES_MAX = 1 << 16;
  private static final Duration LIMIT = Duration.ofMinutes(1);
  private static final Pattern FIRST_EXTENT =
      Pattern.compile("(?m)^\\s*0:\\s+0\\.\\.\\s*\\d+ \\|\\s+\\d+ :\\s+(\\d+)\\.\\.");

  private OsImage() {}

  /** Root hash of the OS image's dm-verity tree, in hexadecimal digits. */
  static String verityRoot() {
    Path json = Project.factory().resolve("os.json");
    try {
      return StrictJson.parse(json.toString(), Files.readAllBytes(json), JSON_BYTES_MAX)
          .text("verity_root");
    } catch (IOException e) {
      throw new HarnessException(json + ": cannot be read", e);
    }
  }

  /**
   * Number of the 4096-byte block of the OS slot where the content of this file begins.
   *
   * @param path in the image
   * @param folder gets a log
   */
  static long firstBlockOf(String path, Path folder) {
    String extents =
        HostProcess.run(
                List.of(
                    "dump.erofs",
                    "-e",
                    "--path=" + path,
                    Project.factory().resolve("os.img").toString()),
                LIMIT,
                Map.of(),
                folder.resolve("dump.erofs.log"),
                line -> {})
            .orThrow()
            .output();
    Matcher matcher = FIRST_EXTENT.matcher(extents);
    if (!matcher.find()) {
      throw new HarnessException("dump.erofs: expected an extent at 0 of " + path + "\n" + extents);
    }
    return Long.parseLong(matcher.group(1)) / BLOCK_BYTES;
  }

  /**
   * Overwrites one block of the OS slot that runs, behind the back of dm-verity, and makes the
   * device forget what it has in memory.
   */
  static void damage(Device device, long block) {
    String slot =
        device.run("sed 's/.*suture.os=\\([ab]\\).*/\\1/' /proc/cmdline").orThrow().text();
    device
        .run(
            "dd if=/dev/urandom of=/dev/vda%s bs=%d seek=%d count=1 conv=notrunc,fsync; "
                    .formatted(slot.equals("a") ? "3" : "4", BLOCK_BYTES, block)
                + "echo 3 >/proc/sys/vm/drop_caches")
        .orThrow();
  }
}
