package dev.suture.arm64.device;

import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.protocol.Sha256;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is mounted at a component's mount point, as the kernel tells it.
 *
 * @param device the mounted device
 * @param source what mountinfo names as mounted
 * @param verityRoot root of the dm-verity tree that every block is held against, if there is one
 * @param file the image file behind the loop device, if it is one
 */
public record MountedImage(
    DeviceNumber device, String source, Optional<Sha256> verityRoot, Optional<Path> file) {}
