package dev.suture.protocol.bundle;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BundleFuzzTest {
  private static final int BLOCK = 512;
  private static final int SECOND_HEADER = 2 * BLOCK;
  private static final int SIZE_AT = 124;
  private static final int CHECKSUM_AT = 148;

  private final ParserContract<Map<String, String>> contract =
      ParserContract.refusingWith("bundle", BundleFuzzTest::read, FailureCode.BUNDLE_MALFORMED)
          .canonical(BundleFuzzTest::write)
          .allocatingAtMost(32 << 10, 24);

  /** Names and contents: with nothing else the writer must give the same bytes again. */
  private static Map<String, String> read(byte[] bytes) throws Exception {
    ReadableSource bundle = new MemorySource(bytes);
    Map<String, String> files = new TreeMap<>();
    for (Map.Entry<String, BundleEntry> entry : BundleIndex.read(bundle).entries().entrySet()) {
      ReadableSource file = entry.getValue().within(bundle);
      byte[] content = new byte[(int) file.size()];
      BundleIndex.readFully(file, 0, content, content.length);
      files.put(entry.getKey(), new String(content, ISO_8859_1));
    }
    return files;
  }

  private static byte[] write(Map<String, String> files) {
    Map<String, ReadableSource> sources = new TreeMap<>();
    files.forEach(
        (name, content) -> sources.put(name, new MemorySource(content.getBytes(ISO_8859_1))));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      BundleWriter.write(sources, out);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
    return out.toByteArray();
  }

  private static byte[] sample() {
    return write(new TreeMap<>(Map.of("1.root.json", "{}", "targets/26.3/x.delta", "delta")));
  }

  /** With the checksums of the headers at 0 and 1,024 made true, as far as they are there. */
  private static byte[] summed(byte[] input) {
    byte[] bytes = input.clone();
    for (int at = 0; at <= SECOND_HEADER && at + BLOCK <= bytes.length; at += SECOND_HEADER) {
      Arrays.fill(bytes, at + CHECKSUM_AT, at + CHECKSUM_AT + 8, (byte) ' ');
      int sum = 0;
      for (int i = 0; i < BLOCK; i++) {
        sum += bytes[at + i] & 0xff;
      }
      byte[] text = Bytes.of(String.format(Locale.ROOT, "%06o\0 ", sum));
      System.arraycopy(text, 0, bytes, at + CHECKSUM_AT, text.length);
    }
    return bytes;
  }

  /** What begins as a bundle may reach the inside; the checksums are nothing to be guessed. */
  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
    contract.check(summed(input));
  }

  @Test
  void sweep_everyByte_keepsTheContract() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", sample()))
        .everyByte()
        .keepsTheContract();
  }

  @Test
  void sweep_everyByteAndLengthWithTrueChecksums_keepsTheContract() {
    Sweep.around(contract, Seeds.sample(getClass(), "valid", sample()))
        .everyByte()
        .values("00000000002\0", "", "00000000000\0", "00000000001\0", "00000000003\0")
        .values("00000000002\0", "", "00000000777\0", "00000001000\0", "00000001001\0")
        .values("00000000002\0", "", "00000005775\0", "00000005776\0", "00000005777\0")
        .values("00000000002\0", "", "17777777777\0", "20000000000\0", "37777777777\0")
        .values("00000000002\0", "", "40000000000\0", "40000000001\0", "77777777777\0")
        .values("00000000002\0", "", "000000000002", "0000000002\0\0", "          2\0")
        .values("00000000002\0", "", "-0000000001\0", "-1\0\0\0\0\0\0\0\0\0\0", "           \0")
        .values("00000000002\0", "", "\u0080\0\0\0\0\0\0\0\0\0\0\u0002")
        .values(
            "00000000002\0",
            "",
            "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")
        .bigEndianNumber(SIZE_AT, 8)
        .bigEndianNumber(SIZE_AT + 4, 8)
        .sealedBy(BundleFuzzTest::summed)
        .keepsTheContract();
  }
}
