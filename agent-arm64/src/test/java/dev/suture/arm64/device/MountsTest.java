package dev.suture.arm64.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.suture.arm64.device.LoopDevices.LoopDevice;
import dev.suture.protocol.failure.DeviceException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounts of the host's kernel: EROFS on a loop device, without dm-verity, which hosts may lack. */
class MountsTest {
  @TempDir Path directory;

  private final LoopDevices loops = new LoopDevices();
  private final Mounts mounts = new Mounts();
  private final ComponentMounter mounter = new ComponentMounter(loops, new VerityDevices(), mounts);

  @BeforeEach
  void needs() throws Exception {
    HostNeeds.loopDevices();
  }

  @Test
  void mountErofs_overABaseImage_isSeenUntilItIsUnmounted() throws Exception {
    Path mountPoint = Files.createDirectory(directory.resolve("mount point"));
    Path base = image("base");
    Path patch = image("patch");

    mount(base, mountPoint);
    try {
      mount(patch, mountPoint);
      try {
        assertThat(mountPoint.resolve("which")).hasContent("patch");
        MountedImage top = mounter.mounted(mountPoint).orElseThrow();
        assertThat(top.file()).contains(patch);
        assertThat(top.verityRoot()).isEmpty();
        MountTable.Mount mount = mounts.table().at(mountPoint.toString()).orElseThrow();
        assertThat(mount.type()).isEqualTo("erofs");
        assertThat(mount.has("ro") && mount.has("nodev") && mount.has("nosuid")).isTrue();
      } finally {
        mounts.unmount(mountPoint);
      }
      assertThat(mountPoint.resolve("which")).hasContent("base");
      assertThat(mounter.mounted(mountPoint).orElseThrow().file()).contains(base);
      assertThatThrownBy(() -> mounter.unmount(mountPoint))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("expected a verified image there, got /dev/loop");
    } finally {
      mounts.unmount(mountPoint);
    }
    assertThat(mounter.mounted(mountPoint)).isEmpty();
  }

  @Test
  void move_whatIsMountedAside_isSeenAtOnce_andGoesWhenItIsDetached() throws Exception {
    Path mountPoint = Files.createDirectory(directory.resolve("here"));
    Path aside = Files.createDirectory(directory.resolve("aside"));
    mount(image("base"), mountPoint);
    try {
      mount(image("patch"), aside);
      mounts.move(aside, mountPoint);
      assertThat(mountPoint.resolve("which")).hasContent("patch");
      assertThat(mounts.table().at(aside.toString())).isEmpty();
      try (InputStream open = Files.newInputStream(mountPoint.resolve("which"))) {
        mounts.detach(mountPoint);
        assertThat(mountPoint.resolve("which")).hasContent("base");
        assertThat(new String(open.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("patch");
      }
    } finally {
      mounts.unmount(mountPoint);
    }
  }

  @Test
  void mountErofs_ofSomethingElse_isRefusedByTheKernel() throws Exception {
    Path noise = Files.write(directory.resolve("noise"), new byte[8192]);
    try (LoopDevice loop = loops.attach(noise)) {
      assertThatThrownBy(() -> mounts.mountErofs(loop.path(), directory))
          .isInstanceOf(DeviceException.class)
          .hasMessageContaining("mount " + loop.path() + " at " + directory)
          .hasMessageContaining("EINVAL");
    }
  }

  @Test
  void unmount_ofNothing_isRefused() {
    assertThatThrownBy(() -> mounts.unmount(directory))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("umount2 " + directory + ": EINVAL");
  }

  private void mount(Path image, Path mountPoint) throws Exception {
    try (LoopDevice loop = loops.attach(image)) {
      mounts.mountErofs(loop.path(), mountPoint);
    }
  }

  private Path image(String name) throws Exception {
    Path folder = Files.createDirectory(directory.resolve(name));
    Files.writeString(folder.resolve("which"), name);
    return HostNeeds.erofs(directory.resolve(name + ".img"), folder);
  }
}
