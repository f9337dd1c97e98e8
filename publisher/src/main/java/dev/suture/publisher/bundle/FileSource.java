package dev.suture.publisher.bundle;

import dev.suture.protocol.bundle.ReadableSource;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.publisher.InputFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file on a disk, open from the first look on. */
final class FileSource implements ReadableSource, Closeable {
  private final Path file;
  private @Nullable FileChannel open;

  FileSource(Path file) {
    this.file = file;
  }

  private FileChannel channel() throws IOException {
    FileChannel channel = open;
    if (channel == null) {
      channel = FileChannel.open(file);
      open = channel;
    }
    return channel;
  }

  @Override
  public long size() throws DeviceException {
    try {
      return channel().size();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public int read(long position, byte[] target, int offset, int length) throws DeviceException {
    ByteBuffer into = ByteBuffer.wrap(target, offset, length);
    try {
      int done = 0;
      while (into.hasRemaining()) {
        int got = channel().read(into, position + done);
        if (got < 0) {
          break;
        }
        done += got;
      }
      return done;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private DeviceException unreadable(IOException e) {
    return new DeviceException(
        FailureCode.STORAGE_IO,
        file + ": expected a readable file, got " + InputFiles.describe(e),
        e);
  }

  @Override
  public void close() throws IOException {
    FileChannel channel = open;
    if (channel != null) {
      channel.close();
    }
  }
}
