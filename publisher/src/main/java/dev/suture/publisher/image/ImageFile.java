package dev.suture.publisher.image;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;

/** An image in a file, open for reading. For one thread. */
public final class ImageFile implements RandomBytes, Closeable {
  private final RandomAccessFile file;
  private final long bytes;

  private ImageFile(RandomAccessFile file, long bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  /** Opens it. Not as a channel: interrupting closes channels, with an exception of their own. */
  public static ImageFile open(Path path) throws IOException {
    RandomAccessFile file = new RandomAccessFile(path.toFile(), "r");
    try {
      return new ImageFile(file, file.length());
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void read(long position, byte[] target, int offset, int length) throws IOException {
    file.seek(position);
    file.readFully(target, offset, length);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
