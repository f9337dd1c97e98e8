package dev.suture.hil;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the parts of this project are on this machine. */
public final class Project {
  /** System property that names the project's folder, if it is not found by walking up. */
  public static final String ROOT_PROPERTY = "suture.root";

  private Project() {}

  /** The project's folder. */
  public static Path root() {
    String named = System.getProperty(ROOT_PROPERTY, "");
    Path start = Path.of(named).toAbsolutePath().normalize();
    for (Path folder = start; folder != null; folder = folder.getParent()) {
      if (Files.isExecutable(folder.resolve("qemu/run"))) {
        return folder;
      }
      if (!named.isEmpty()) {
        break;
      }
    }
    throw new HarnessException(
        "project folder: expected " + start + " or a folder above it to have qemu/run, got none");
  }

  /** What {@code qemu/build} made: images, component images, keys. */
  public static Path factory() {
    return existing(root().resolve("target/factory"), "run ./verify or ./demo, which build it");
  }

  /** As {@link #factory}, of the device whose init is systemd: images alone. */
  public static Path systemdFactory() {
    return existing(factory().resolve("systemd"), "run hil-tests/build-device --systemd");
  }

  /** The publisher's keys; the device believes these. */
  public static Path keys() {
    return existing(factory().resolve("keys"), "run ./verify or ./demo, which make them");
  }

  /** The program {@code suture-publish}. */
  public static Path publisher() {
    return existing(
        root().resolve("publisher/target/dist/bin/suture-publish"),
        "run mvn -pl publisher -am package");
  }

  /** A file that {@code qemu/build-components} made for a component. */
  static Path componentFile(String component, String name) {
    return existing(
        factory().resolve("components").resolve(component).resolve(name),
        "run qemu/build-components");
  }

  /** A file that {@code qemu/build-os-patch} made for a patch of the OS. */
  static Path osPatchFile(String variant, String name) {
    return existing(
        factory().resolve("os-patch").resolve(variant).resolve(name), "run qemu/build-os-patch");
  }

  private static Path existing(Path path, String advice) {
    if (!Files.exists(path)) {
      throw new HarnessException(path + ": expected to exist, does not; " + advice);
    }
    return path;
  }
}
