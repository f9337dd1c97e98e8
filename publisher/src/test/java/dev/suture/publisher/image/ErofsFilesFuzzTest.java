package dev.suture.publisher.image;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The seed is an image of {@code mkfs.erofs} of one block: folders, files, a link. */
final class ErofsFilesFuzzTest {
  private final ParserContract<ErofsListing> contract =
      ParserContract.refusingBy("EROFS", ErofsFilesFuzzTest::named, IllegalArgumentException.class)
          .allocatingAtMost(16L * ErofsFiles.PATH_CHARS_MAX, 256);

  private static ErofsListing named(byte[] image) throws IOException {
    ErofsListing listing = ErofsFiles.read(new MemoryBytes(image));
    if (listing.refusal().isPresent()) {
      throw new IllegalArgumentException(listing.refusal().get());
    }
    return listing;
  }

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyBitAndLength_keepsTheContract() {
    Sweep.around(contract, Seeds.committed(getClass(), "valid"))
        .everyBit()
        .number(1024 + 14, 2)
        .number(1024 + 40, 4)
        .keepsTheContract();
  }
}
