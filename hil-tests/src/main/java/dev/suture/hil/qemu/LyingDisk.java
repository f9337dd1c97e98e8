package dev.suture.hil.qemu;

import dev.suture.hil.HarnessException;
import dev.suture.hil.replay.Partition;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A disk that says that it has written what it has not: an NBD server, over a Unix socket, for one
 * emulator at a time. It is honest until it is told to lie, and then only about one partition. The
 * protocol is NBD's fixed newstyle handshake without structured replies.
 */
public final class LyingDisk implements AutoCloseable {
  private static final long MAGIC = 0x4e42444d41474943L;
  private static final long OPTION_MAGIC = 0x49484156454f5054L;
  private static final long OPTION_REPLY_MAGIC = 0x3e889045565a9L;
  private static final int REQUEST_MAGIC = 0x25609513;
  private static final int REPLY_MAGIC = 0x67446698;
  private static final short FIXED_NEWSTYLE_NO_ZEROES = 3;
  private static final short HAS_FLAGS_SEND_FLUSH = 5;
  private static final int OPTION_ABORT = 2;
  private static final int OPTION_INFO = 6;
  private static final int OPTION_GO = 7;
  private static final int REPLY_ACK = 1;
  private static final int REPLY_INFO = 3;
  private static final int REPLY_UNSUPPORTED = 0x80000001;
  private static final int COMMAND_READ = 0;
  private static final int COMMAND_WRITE = 1;
  private static final int COMMAND_DISCONNECT = 2;
  private static final int COMMAND_FLUSH = 3;
  private static final int ERROR_INVALID = 22;
  private static final int REQUEST_BYTES_MAX = 32 << 20;
  private static final int OPTION_BYTES_MAX = 1 << 16;

  /** Shorter writes are the file system's own, which would notice. */
  private static final int CORRUPTED_BYTES_MIN = 256 << 10;

  /** What it does with writes to the partition it lies about. */
  public enum Lie {
    /** What an honest disk does. */
    NONE,
    /** It forgets every write. */
    DROP,
    /** It flips one bit in every long write. */
    CORRUPT
  }

  private final Path socket;
  private final ServerSocketChannel server;
  private final FileChannel disk;
  private final Partition partition;
  private final AtomicLong lies = new AtomicLong();
  private volatile Lie lie = Lie.NONE;

  /**
   * Serves a disk image.
   *
   * @param socket made anew
   * @param image the disk; nobody else writes to it
   * @param partition what it may lie about
   */
  public LyingDisk(Path socket, Path image, Partition partition) {
    this.socket = socket;
    this.partition = partition;
    try {
      Files.deleteIfExists(socket);
      disk = FileChannel.open(image, StandardOpenOption.READ, StandardOpenOption.WRITE);
      server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      throw new HarnessException("lying disk " + socket + ": cannot be served", e);
    }
    Thread thread = new Thread(this::serve, "lying-disk");
    thread.setDaemon(true);
    thread.start();
  }

  /** From now on it lies so. */
  public void lie(Lie how) {
    lie = how;
  }

  /** How many writes it lied about. */
  public long lies() {
    return lies.get();
  }

  private void serve() {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        if (handshake(client)) {
          transmit(client);
        }
      } catch (IOException e) {
        // The emulator was switched off, or this was closed.
      }
    }
  }

  private boolean handshake(SocketChannel client) throws IOException {
    send(
        client,
        ByteBuffer.allocate(18)
            .putLong(MAGIC)
            .putLong(OPTION_MAGIC)
            .putShort(FIXED_NEWSTYLE_NO_ZEROES));
    receive(client, 4);
    while (true) {
      ByteBuffer header = receive(client, 16);
      long magic = header.getLong();
      int option = header.getInt();
      int length = header.getInt();
      if (magic != OPTION_MAGIC || length < 0 || length > OPTION_BYTES_MAX) {
        throw new IOException("expected an option");
      }
      receive(client, length);
      switch (option) {
        case OPTION_GO, OPTION_INFO -> {
          ByteBuffer info =
              ByteBuffer.allocate(12)
                  .putShort((short) 0)
                  .putLong(disk.size())
                  .putShort(HAS_FLAGS_SEND_FLUSH);
          answer(client, option, REPLY_INFO, info);
          answer(client, option, REPLY_ACK, ByteBuffer.allocate(0));
          if (option == OPTION_GO) {
            return true;
          }
        }
        case OPTION_ABORT -> {
          answer(client, option, REPLY_ACK, ByteBuffer.allocate(0));
          return false;
        }
        default -> answer(client, option, REPLY_UNSUPPORTED, ByteBuffer.allocate(0));
      }
    }
  }

  private static void answer(SocketChannel client, int option, int reply, ByteBuffer data)
      throws IOException {
    data.flip();
    send(
        client,
        ByteBuffer.allocate(20 + data.remaining())
            .putLong(OPTION_REPLY_MAGIC)
            .putInt(option)
            .putInt(reply)
            .putInt(data.remaining())
            .put(data));
  }

  private void transmit(SocketChannel client) throws IOException {
    while (true) {
      ByteBuffer request = receive(client, 28);
      int magic = request.getInt();
      request.getShort();
      int command = request.getShort();
      long handle = request.getLong();
      long offset = request.getLong();
      int length = request.getInt();
      if (magic != REQUEST_MAGIC || length < 0 || length > REQUEST_BYTES_MAX) {
        throw new IOException("expected a request");
      }
      switch (command) {
        case COMMAND_READ -> {
          ByteBuffer reply = ByteBuffer.allocate(16 + length);
          reply.putInt(REPLY_MAGIC).putInt(0).putLong(handle);
          long position = offset;
          while (reply.hasRemaining()) {
            int count = disk.read(reply, position);
            if (count < 0) {
              throw new EOFException("read behind the end of the disk");
            }
            position += count;
          }
          send(client, reply);
        }
        case COMMAND_WRITE -> {
          write(offset, receive(client, length));
          reply(client, handle, 0);
        }
        case COMMAND_FLUSH -> {
          disk.force(false);
          reply(client, handle, 0);
        }
        case COMMAND_DISCONNECT -> {
          return;
        }
        default -> reply(client, handle, ERROR_INVALID);
      }
    }
  }

  private void write(long offset, ByteBuffer data) throws IOException {
    boolean lied =
        offset >= partition.firstByte() && offset < partition.firstByte() + partition.bytes();
    switch (lied ? lie : Lie.NONE) {
      case NONE -> {}
      case DROP -> {
        lies.incrementAndGet();
        return;
      }
      case CORRUPT -> {
        if (data.remaining() >= CORRUPTED_BYTES_MIN) {
          lies.incrementAndGet();
          int middle = data.remaining() / 2;
          data.put(middle, (byte) (data.get(middle) ^ 1));
        }
      }
    }
    long position = offset;
    while (data.hasRemaining()) {
      position += disk.write(data, position);
    }
  }

  private static void reply(SocketChannel client, long handle, int error) throws IOException {
    send(client, ByteBuffer.allocate(16).putInt(REPLY_MAGIC).putInt(error).putLong(handle));
  }

  private static void send(SocketChannel client, ByteBuffer full) throws IOException {
    full.flip();
    while (full.hasRemaining()) {
      client.write(full);
    }
  }

  private static ByteBuffer receive(SocketChannel client, int bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(bytes);
    while (buffer.hasRemaining()) {
      if (client.read(buffer) < 0) {
        throw new EOFException("the emulator is gone");
      }
    }
    return buffer.flip();
  }

  @Override
  public void close() {
    try (server;
        disk) {
      Files.deleteIfExists(socket);
    } catch (IOException e) {
      throw new HarnessException("lying disk " + socket + ": cannot be closed", e);
    }
  }
}
