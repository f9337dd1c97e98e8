package dev.suture.publisher.delta;

import dev.suture.protocol.delta.DeltaHeader;
import dev.suture.protocol.delta.OperationKind;
import dev.suture.protocol.delta.Varint;
import java.io.IOException;
import java.util.Arrays;

/** The operations of a delta: how many, how long, and then their bytes. */
final class OperationPlan {
  /** An equal run of this length within an alignment becomes an operation of its own. */
  private static final int COPY_BYTES_MIN = 256;

  private static final int PIECE_BYTES = 64 << 10;

  private final MappedImage base;
  private final MappedImage image;

  /**
   * Two numbers an operation: its head and, if it is not an insertion, its position in the base.
   */
  private long[] numbers = new long[2 * 1024];

  private int count;
  private long operationBytes;
  private long baseEnd;
  private long copiedBytes;
  private long addedBytes;
  private long insertedBytes;

  private OperationPlan(MappedImage base, MappedImage image) {
    this.base = base;
    this.image = image;
  }

  /** Turns alignments into operations: few enough for a device to accept. */
  static OperationPlan of(MappedImage base, MappedImage image, Alignments alignments) {
    for (long copyBytesMin = COPY_BYTES_MIN; ; copyBytesMin *= 4) {
      OperationPlan plan = new OperationPlan(base, image);
      long done = 0;
      for (int i = 0; i < alignments.count(); i++) {
        plan.insert(alignments.imagePosition(i) - done);
        plan.aligned(
            alignments.imagePosition(i),
            alignments.basePosition(i),
            alignments.length(i),
            copyBytesMin);
        done = alignments.imagePosition(i) + alignments.length(i);
      }
      plan.insert(image.bytes() - done);
      if (plan.count <= DeltaHeader.OPERATIONS_MAX) {
        return plan;
      }
      if (copyBytesMin > image.bytes()) {
        throw new IllegalStateException(
            "delta: expected at most "
                + DeltaHeader.OPERATIONS_MAX
                + " operations, got "
                + plan.count
                + ": the images have too little in common");
      }
    }
  }

  long count() {
    return count;
  }

  long operationBytes() {
    return operationBytes;
  }

  long copiedBytes() {
    return copiedBytes;
  }

  long addedBytes() {
    return addedBytes;
  }

  long insertedBytes() {
    return insertedBytes;
  }

  /** Writes all operations. */
  void write(ZstdFrameWriter out, Progress progress) throws IOException, InterruptedException {
    byte[] numberBytes = new byte[2 * Varint.BYTES_MAX];
    byte[] piece = new byte[PIECE_BYTES];
    byte[] basePiece = new byte[PIECE_BYTES];
    long done = 0;
    long written = 0;
    long end = 0;
    for (int i = 0; i < count; i++) {
      long head = numbers[2 * i];
      OperationKind kind = OperationKind.ofHead(head).orElseThrow();
      long length = head >>> OperationKind.BITS;
      long position = numbers[2 * i + 1];
      int used = Varint.write(head, numberBytes, 0);
      if (kind != OperationKind.INSERT) {
        used += Varint.write(Varint.zigzag(position - end), numberBytes, used);
        end = position + length;
      }
      out.write(numberBytes, 0, used);
      for (long at = 0; kind != OperationKind.COPY && at < length; at += PIECE_BYTES) {
        int now = (int) Math.min(PIECE_BYTES, length - at);
        image.read(done + at, piece, 0, now);
        if (kind == OperationKind.ADD) {
          base.read(position + at, basePiece, 0, now);
          for (int j = 0; j < now; j++) {
            piece[j] -= basePiece[j];
          }
        }
        out.write(piece, 0, now);
        written += now;
        if (written >= PIECE_BYTES) {
          written = 0;
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          progress.at("compressing", done + at + now, image.bytes());
        }
      }
      done += length;
    }
  }

  private void aligned(long imagePosition, long basePosition, long length, long copyBytesMin) {
    long offset = basePosition - imagePosition;
    long end = imagePosition + length;
    long pending = imagePosition;
    for (long at = imagePosition; at < end; ) {
      long run = image.equalRun(at, base, at + offset, end - at);
      if (run >= copyBytesMin || run == length) {
        add(pending + offset, at - pending);
        copy(at + offset, run);
        pending = at + run;
      }
      at += run + 1;
    }
    add(pending + offset, end - pending);
  }

  private void copy(long position, long length) {
    copiedBytes += length;
    operation(OperationKind.COPY, position, length);
  }

  private void add(long position, long length) {
    addedBytes += length;
    operation(OperationKind.ADD, position, length);
    operationBytes += length;
  }

  private void insert(long length) {
    insertedBytes += length;
    operation(OperationKind.INSERT, 0, length);
    operationBytes += length;
  }

  private void operation(OperationKind kind, long position, long length) {
    if (length == 0) {
      return;
    }
    if (2 * count == numbers.length) {
      numbers = Arrays.copyOf(numbers, 2 * numbers.length);
    }
    long head = kind.head(length);
    numbers[2 * count] = head;
    numbers[2 * count + 1] = position;
    count++;
    operationBytes += Varint.length(head);
    if (kind != OperationKind.INSERT) {
      operationBytes += Varint.length(Varint.zigzag(position - baseEnd));
      baseEnd = position + length;
    }
  }
}
