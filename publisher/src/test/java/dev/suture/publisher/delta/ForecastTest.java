package dev.suture.publisher.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.delta.CopyMap;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForecastTest {
  private static final int DT_RELA = 7;
  private static final int DT_RELASZ = 8;
  private static final int RELOCATIONS = 1000;
  private static final int RELOCATION_BYTES = 24;
  private static final int DYNAMIC_BYTES = 48;
  private static final int TABLE_AT = SmallElf.CONTENT_AT + DYNAMIC_BYTES;

  @TempDir Path folder = Path.of("replaced by JUnit");

  /** A file whose last bytes are its relocations. */
  private static byte[] library(int place) {
    int bytes = TABLE_AT + RELOCATIONS * RELOCATION_BYTES;
    byte[] elf =
        new SmallElf(bytes)
            .segment(0, bytes, 0, false)
            .dynamic(
                SmallElf.CONTENT_AT,
                DT_RELA,
                TABLE_AT,
                DT_RELASZ,
                RELOCATIONS * RELOCATION_BYTES,
                0,
                0)
            .bytes();
    ByteBuffer table = ByteBuffer.wrap(elf).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < RELOCATIONS; i++) {
      int at = TABLE_AT + i * RELOCATION_BYTES;
      table.putLong(at, place + 8L * i).putInt(at + 8, 1025).putInt(at + 12, i % 7);
    }
    return elf;
  }

  @Test
  void write_ofABaseThatEndsWithATable_hasTheBasesLengthAndWhatIsPredicted() throws Exception {
    byte[] oldLibrary = library(0x10000);
    byte[] newLibrary = library(0x20000);
    MappedImage base = MappedImage.map(Files.write(folder.resolve("base"), oldLibrary));
    MappedImage image = MappedImage.map(Files.write(folder.resolve("image"), newLibrary));
    Alignments whole = new Alignments();
    whole.add(0, 0, base.bytes());
    CopyMap map = CopyPlan.of(whole);
    AddressPlan plan = AddressPlan.of(AddressedFile.find(base), AddressedFile.find(image), map);
    Path forecast = folder.resolve("forecast");
    Forecast.write(base, image, map, plan, forecast);

    byte[] expected = oldLibrary.clone();
    // The first place seems to stay; the others follow what it is in the image.
    int second = TABLE_AT + RELOCATION_BYTES;
    System.arraycopy(newLibrary, second, expected, second, expected.length - second);
    assertThat(Files.readAllBytes(forecast)).isEqualTo(expected);
  }
}
