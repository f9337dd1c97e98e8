package dev.suture.hil.replay;

import dev.suture.hil.HarnessException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * An image of a disk, or of a part of one, that becomes one recorded state after another. It only
 * goes forward: what is durable is written once, and what a state has besides is taken back before
 * the next one. So a state costs no more than what changes.
 */
public final class DiskHistory implements AutoCloseable {
  private final WriteLog log;
  private final Path image;
  private final long firstByte;
  private final FileChannel channel;
  private final long imageBytes;
  private final Deque<Old> undo = new ArrayDeque<>();
  private int durable;

  private record Old(long position, ByteBuffer bytes) {}

  /**
   * Begins before the log's first entry.
   *
   * @param image the disk's content from {@code firstByte} on, as it was when recording began;
   *     written to from now on, and by nobody else
   * @param firstByte where the image begins on the recorded disk
   */
  public DiskHistory(WriteLog log, Path image, long firstByte) {
    this.log = log;
    this.image = image;
    this.firstByte = firstByte;
    try {
      this.channel = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
      this.imageBytes = channel.size();
    } catch (IOException e) {
      throw new HarnessException("disk image " + image + ": cannot be opened", e);
    }
  }

  /**
   * Makes the image this state.
   *
   * @param state its durable part is not behind that of the state before
   */
  public void become(DiskState state) {
    if (state.cut() > log.entries().size()) {
      throw new IllegalArgumentException(
          "disk state "
              + state
              + ": expected a cut of at most "
              + log.entries().size()
              + ", the end of the log");
    }
    int target = state.durableEntries(log);
    if (target < durable) {
      throw new IllegalArgumentException(
          "disk state "
              + state
              + ": expected one whose first "
              + durable
              + " entries are durable; a history only goes forward");
    }
    try {
      for (Old old : undo) {
        write(old.position(), old.bytes().duplicate());
      }
      undo.clear();
      for (; durable < target; durable++) {
        WriteLog.Entry entry = log.entries().get(durable);
        if (entry.isWrite()) {
          apply(DiskState.Piece.whole(entry), false);
        }
      }
      for (DiskState.Piece piece : state.landing(log)) {
        apply(piece, true);
      }
    } catch (IOException e) {
      throw new HarnessException("disk image " + image + ": cannot become " + state, e);
    }
  }

  private void apply(DiskState.Piece piece, boolean undoable) throws IOException {
    long sectorBytes = log.sectorBytes();
    long start = (piece.entry().sector() + piece.from()) * sectorBytes - firstByte;
    long end = start + piece.sectors() * sectorBytes;
    if (end <= 0 || start >= imageBytes) {
      return;
    }
    ByteBuffer data = log.data(piece.entry(), piece.from(), piece.sectors());
    data.position((int) Math.max(0, -start));
    data.limit((int) (Math.min(end, imageBytes) - start));
    long position = Math.max(0, start);
    if (undoable) {
      ByteBuffer old = ByteBuffer.allocate(data.remaining());
      while (old.hasRemaining() && channel.read(old, position + old.position()) > 0) {
        // Until full.
      }
      undo.push(new Old(position, old.flip()));
    }
    write(position, data);
  }

  private void write(long position, ByteBuffer data) throws IOException {
    long at = position;
    while (data.hasRemaining()) {
      at += channel.write(data, at);
    }
  }

  /** The image's file. */
  public Path image() {
    return image;
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new HarnessException("disk image " + image + ": cannot be closed", e);
    }
  }
}
