package dev.suture.publisher.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.publisher.ErofsImage;
import dev.suture.publisher.image.ImageFiles.Region;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFilesTest {
  @TempDir Path folder = Path.of("replaced by JUnit");

  /** Regions, one behind the other, to the image's end. */
  private static void checkComplete(ImageFiles files, long imageBytes) {
    long sum = 0;
    for (int file = 0; file < files.count(); file++) {
      sum += files.bytes(file);
    }
    assertThat(sum).isEqualTo(imageBytes);
    for (long at = 0; at < imageBytes; ) {
      Region region = files.at(at);
      assertThat(region.start()).isEqualTo(at);
      assertThat(files.at(region.end() - 1)).isEqualTo(region);
      at = region.end();
      assertThat(at).isLessThanOrEqualTo(imageBytes);
    }
  }

  @Test
  void of_erofsWithTails_everyByteHasAName() throws Exception {
    Path tree = Files.createDirectories(folder.resolve("tree"));
    Files.write(tree.resolve("one"), new byte[9000]);
    Files.write(tree.resolve("two"), new byte[10]);
    byte[] image = ErofsImage.of(tree, "-x-1");
    ImageFiles files = ImageFiles.of(new MemoryBytes(image));

    checkComplete(files, image.length);
    assertThat(files.refusal()).isEmpty();
    assertThat(files.name(0)).isEqualTo(ImageFiles.FILE_SYSTEM);
    Region superblock = files.at(1024);
    assertThat(files.name(superblock.file())).isEqualTo(ImageFiles.FILE_SYSTEM);
    assertThat(superblock.inFile(1024)).isEqualTo(1024);
    for (int file = 1; file < files.count(); file++) {
      assertThat(files.bytes(file)).isEqualTo(files.name(file).equals("/one") ? 9000 : 10);
    }
  }

  @Test
  void of_elfFilesWithoutNames_areNamedByPlace() throws Exception {
    byte[] image = new byte[10 * 4096];
    elf(image, 4096, 5000);
    elf(image, 3 * 4096, 1 << 30);
    elf(image, 5 * 4096, 4096);
    ImageFiles files = ImageFiles.of(new MemoryBytes(image));

    checkComplete(files, image.length);
    assertThat(files.refusal()).isPresent();
    assertThat(files.name(files.at(0).file())).isEqualTo(ImageFiles.IMAGE);
    assertThat(files.at(4096)).isEqualTo(new Region(1, 4096, 4096 + 5000 + 128, 0));
    assertThat(files.name(1)).isEqualTo("(ELF file at 0x1000)");
    // One whose sections are elsewhere ends where the next begins.
    assertThat(files.at(3 * 4096)).isEqualTo(new Region(2, 3 * 4096, 5 * 4096, 0));
    assertThat(files.at(5 * 4096).end()).isEqualTo(6 * 4096 + 128);
  }

  private static void elf(byte[] image, int at, long sections) {
    ByteBuffer.wrap(image)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(at, 0x464c457f)
        .putShort(at + 4, (short) 0x0102)
        .putLong(at + 40, sections)
        .putShort(at + 58, (short) 64)
        .putShort(at + 60, (short) 2);
  }

  @Test
  void of_noFileSystem_isOneImage() throws Exception {
    ImageFiles files = ImageFiles.of(new MemoryBytes(new byte[1]));
    checkComplete(files, 1);
    assertThat(files.name(0)).isEqualTo(ImageFiles.IMAGE);
  }
}
