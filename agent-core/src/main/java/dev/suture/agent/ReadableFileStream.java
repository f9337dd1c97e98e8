package dev.suture.agent;

import dev.suture.durable.ReadableFile;
import dev.suture.protocol.failure.DeviceException;
import java.io.IOException;
import java.io.InputStream;

/** A file as a stream. Does not close the file. */
final class ReadableFileStream extends InputStream {
  private final ReadableFile file;
  private long position;

  ReadableFileStream(ReadableFile file) {
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    try {
      int n = file.read(position, target, offset, length);
      position += n;
      return n == 0 ? -1 : n;
    } catch (DeviceException e) {
      throw new IOException(e.getMessage(), e);
    }
  }
}
