package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.ImageIdentity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FullPayloadTest {
  private static final int WINDOW_LOG = 16;

  private final byte[] image = new byte[200 * ImageIdentity.BLOCK_BYTES];
  private final ImageIdentity identity;
  private final byte[] payload;

  FullPayloadTest() throws Exception {
    new Random(3).nextBytes(image);
    Arrays.fill(image, 1000, 800_000, (byte) 'x');
    identity = MemoryImage.identity(image);
    payload = DeltaScript.frame(image, WINDOW_LOG);
  }

  private byte[] expand(byte[] file, long signedBytes) throws SutureException {
    MemoryImage.Sink sink = new MemoryImage.Sink(identity);
    VerifyingSink verifying = new VerifyingSink(sink, identity, (position, block) -> {});
    FullPayload.expand(new ByteArrayInputStream(file), signedBytes, identity, verifying);
    verifying.finish();
    return sink.bytes();
  }

  private RejectedException refusal(byte[] file, long signedBytes) {
    RejectedException refused =
        catchThrowableOfType(RejectedException.class, () -> expand(file, signedBytes));
    assertThat(refused.code()).isEqualTo(FailureCode.DELTA_MALFORMED);
    return refused;
  }

  @Test
  void expand_ofAFrame_makesTheImage() throws Exception {
    assertThat(expand(payload, payload.length)).isEqualTo(image);
  }

  @Test
  void expand_ofAPayloadTruncatedAtEveryOffset_isRefused() {
    for (int length = 0; length < payload.length; length += length < 64 ? 1 : 101) {
      byte[] cut = Arrays.copyOf(payload, length);
      refusal(cut, cut.length);
      refusal(cut, payload.length);
    }
    byte[] cut = Arrays.copyOf(payload, payload.length - 1);
    assertThat(refusal(cut, cut.length).explanation())
        .startsWith("full payload length: expected more than " + cut.length + " bytes");
  }

  @Test
  void expand_withTrailingBytesOrASecondFrame_isRefused() {
    for (byte[] tail : new byte[][] {{0}, new byte[100_000], DeltaScript.frame(image, 10)}) {
      byte[] longer = DeltaScript.join(payload, tail);
      refusal(longer, longer.length);
      refusal(longer, payload.length);
    }
  }

  @Test
  void expand_ofAnotherLength_isRefusedByTheFramesHeader() {
    byte[] longer = DeltaScript.frame(Arrays.copyOf(image, image.length + 1), WINDOW_LOG);
    assertThat(refusal(longer, longer.length).explanation())
        .startsWith("full payload frame: expected 819200 bytes of content, got 819201");
    byte[] shorter = DeltaScript.frame(Arrays.copyOf(image, image.length - 1), WINDOW_LOG);
    refusal(shorter, shorter.length);
  }

  @Test
  void expand_withAnyByteChanged_isRefusedOrMakesTheImage() throws Exception {
    long seed = System.nanoTime();
    System.out.println("FullPayloadTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      byte[] changed = payload.clone();
      changed[i < 200 ? i : random.nextInt(payload.length)] ^= (byte) (1 + random.nextInt(255));
      try {
        assertThat(expand(changed, changed.length)).as("seed %d", seed).isEqualTo(image);
      } catch (RejectedException e) {
        assertThat(e.code())
            .as("seed %d", seed)
            .isIn(FailureCode.DELTA_MALFORMED, FailureCode.IMAGE_DIGEST_MISMATCH);
      }
    }
  }

  @Test
  void expand_ofAFileThatCannotBeRead_isTheDevicesFailure() {
    InputStream failing =
        new InputStream() {
          @Override
          public int read(byte[] target, int offset, int length) throws IOException {
            throw new IOException("bad sector");
          }

          @Override
          public int read() throws IOException {
            throw new IOException("bad sector");
          }
        };
    assertThatThrownBy(
            () ->
                FullPayload.expand(
                    failing, payload.length, identity, new MemoryImage.Sink(identity)))
        .isInstanceOfSatisfying(
            DeviceException.class, e -> assertThat(e.code()).isEqualTo(FailureCode.STORAGE_IO));
  }
}
