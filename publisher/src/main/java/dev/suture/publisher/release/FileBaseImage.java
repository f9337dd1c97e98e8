package dev.suture.publisher.release;

import dev.suture.delta.BaseImage;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A base image in a file. */
final class FileBaseImage implements BaseImage {
  private final FileChannel channel;
  private final long bytes;

  FileBaseImage(Path file) throws IOException {
    channel = FileChannel.open(file, StandardOpenOption.READ);
    bytes = channel.size();
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws DeviceException {
    ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
    try {
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, position + buffer.position() - offset) < 0) {
          throw new EOFException("at " + (position + buffer.position() - offset));
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DeviceException unreadable(IOException e) {
    return new DeviceException(FailureCode.BASE_UNREADABLE, "base image: " + e.getMessage(), e);
  }
}
