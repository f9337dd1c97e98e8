package dev.suture.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.verity.VerityTreeBuilder;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VerifyingSinkTest {
  private final byte[] image = new byte[200 * ImageIdentity.BLOCK_BYTES];
  private final ImageIdentity identity;
  private final MemoryImage.Sink target;
  private final byte[] tree;
  private final VerifyingSink sink;

  VerifyingSinkTest() throws Exception {
    new Random(5).nextBytes(image);
    identity = MemoryImage.identity(image);
    target = new MemoryImage.Sink(identity);
    tree = new byte[(int) VerityTreeBuilder.treeBytes(image.length)];
    sink =
        new VerifyingSink(
            target,
            identity,
            (position, block) -> System.arraycopy(block, 0, tree, (int) position, block.length));
  }

  private String refusal() {
    RejectedException refused = catchThrowableOfType(RejectedException.class, sink::finish);
    assertThat(refused.code()).isEqualTo(FailureCode.IMAGE_DIGEST_MISMATCH);
    return refused.explanation();
  }

  @Test
  void finish_afterTheSignedBytes_hasPassedOnImageAndTree() throws Exception {
    sink.write(image, 0, 100);
    sink.write(image, 100, image.length - 100);
    sink.finish();

    assertThat(target.bytes()).isEqualTo(image);
    byte[] lowest = new byte[tree.length];
    VerityTreeBuilder again =
        new VerityTreeBuilder(
            image.length,
            identity.veritySalt(),
            (position, block) -> System.arraycopy(block, 0, lowest, (int) position, block.length));
    again.update(image, 0, image.length);
    assertThat(again.finish()).isEqualTo(identity.verityRoot());
    assertThat(tree).isEqualTo(lowest);
  }

  @Test
  void finish_afterAnotherByte_isRefused() throws Exception {
    image[4711] ^= 1;
    sink.write(image, 0, image.length);

    assertThat(refusal())
        .startsWith("image digest: expected verity root " + identity.verityRoot() + ", got sha256:")
        .endsWith("(819200 bytes)");
  }

  @Test
  void finish_afterTooFewBytes_isRefused() throws Exception {
    sink.write(image, 0, image.length - 1);
    assertThat(refusal()).isEqualTo("image length: expected 819200 bytes, got 819199");
  }

  @Test
  void finish_afterTooManyBytes_isRefusedAndNoneWasPassedOnBeyondTheEnd() throws Exception {
    sink.write(image, 0, image.length - 1);
    sink.write(image, 0, 2);
    sink.write(image, 0, image.length);

    assertThat(target.bytes()).hasSize(image.length);
    assertThat(refusal()).isEqualTo("image length: expected 819200 bytes, got 1638401");
  }
}
