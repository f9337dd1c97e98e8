package dev.suture.arm64.daemon;

import dev.suture.agent.BaseImages;
import dev.suture.agent.DeviceConfig;
import dev.suture.delta.BaseImage;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.manifest.OsParts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Base images as files of the OS image. The OS image is below dm-verity, so every block that is
 * read is verified by the kernel; a damaged one is a read error. The parts of the OS itself are
 * read from their partitions as they are: what is damaged there shows in the rebuilt image.
 */
final class BaseImageFiles implements BaseImages {
  private final DeviceConfig config;

  BaseImageFiles(DeviceConfig config) {
    this.config = config;
  }

  @Override
  public BaseImage open(ComponentName name) throws DeviceException {
    for (DeviceConfig.Component component : config.components()) {
      if (component.name().equals(name)) {
        return open(component);
      }
    }
    throw unreadable(name.word(), "expected in agent.json, it is not", null);
  }

  private static BaseImage open(DeviceConfig.Component component) throws DeviceException {
    try {
      FileChannel channel =
          FileChannel.open(Path.of(component.baseImage()), StandardOpenOption.READ);
      if (!isLengthRight(component, channel.size())) {
        long size = channel.size();
        channel.close();
        throw unreadable(
            component.baseImage(),
            "expected " + component.base().bytes() + " bytes, got " + size,
            null);
      }
      return new FileBaseImage(component, channel);
    } catch (IOException e) {
      throw unreadable(component.baseImage(), String.valueOf(e.getMessage()), e);
    }
  }

  /** A part of the OS lies at the start of a partition. */
  private static boolean isLengthRight(DeviceConfig.Component component, long size) {
    return OsParts.contain(component.name())
        ? size >= component.base().bytes()
        : size == component.base().bytes();
  }

  private static DeviceException unreadable(String where, String what, @Nullable Throwable cause) {
    String message = "base image " + where + ": " + what;
    return cause == null
        ? new DeviceException(FailureCode.BASE_UNREADABLE, message)
        : new DeviceException(FailureCode.BASE_UNREADABLE, message, cause);
  }

  private static final class FileBaseImage implements BaseImage {
    private final DeviceConfig.Component component;
    private final FileChannel channel;

    FileBaseImage(DeviceConfig.Component component, FileChannel channel) {
      this.component = component;
      this.channel = channel;
    }

    @Override
    public long bytes() {
      return component.base().bytes();
    }

    @Override
    public void read(long position, byte[] target, int offset, int length) throws DeviceException {
      ByteBuffer buffer = ByteBuffer.wrap(target, offset, length);
      try {
        while (buffer.hasRemaining()) {
          if (channel.read(buffer, position + buffer.position() - offset) < 0) {
            throw unreadable(
                component.baseImage(),
                "expected more bytes at " + position + ", got the end",
                null);
          }
        }
      } catch (IOException e) {
        throw unreadable(component.baseImage(), "read at " + position + ": " + e.getMessage(), e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new IllegalStateException(
            "close " + component.baseImage() + ": " + e.getMessage(), e);
      }
    }
  }
}
