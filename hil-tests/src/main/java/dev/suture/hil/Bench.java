package dev.suture.hil;

import dev.suture.hil.qemu.QemuRig;
import dev.suture.sim.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * A device and the world around it: broker, mirror, publisher, and somebody who watches. The rig is
 * the emulated device here; a board on a bench takes its place by another constructor argument.
 */
public final class Bench implements AutoCloseable {
  /** The name of the one device. */
  public static final String DEVICE = "dev-0001";

  private final Path folder;
  private final Broker broker;
  private final Mirror mirror;
  private final Rig rig;
  private final StatusWatcher watcher;
  private final Publisher publisher;
  private final Device device;

  private Bench(
      Path folder,
      Broker broker,
      Mirror mirror,
      Rig rig,
      StatusWatcher watcher,
      Publisher publisher) {
    this.folder = folder;
    this.broker = broker;
    this.mirror = mirror;
    this.rig = rig;
    this.watcher = watcher;
    this.publisher = publisher;
    this.device = new Device(rig);
  }

  /**
   * Starts broker, mirror and watcher around an emulated device, which is off and not flashed.
   *
   * @param folder for all files; emptied first
   * @param runLimit longest time from one power-on to the next
   * @param commandEcho gets the publisher's command lines
   * @param outputEcho gets the publisher's output
   */
  public static Bench start(
      Path folder, Duration runLimit, Consumer<String> commandEcho, Consumer<String> outputEcho) {
    return start(folder, device -> new QemuRig(device, runLimit), commandEcho, outputEcho);
  }

  /**
   * As {@link #start(Path, Duration, Consumer, Consumer)} around another rig, whose device is off.
   *
   * @param rigIn makes the rig, whose files go to this folder
   */
  public static Bench start(
      Path folder,
      Function<Path, Rig> rigIn,
      Consumer<String> commandEcho,
      Consumer<String> outputEcho) {
    delete(folder);
    Path repository = folder.resolve("repository");
    try {
      Files.createDirectories(repository);
    } catch (IOException e) {
      throw new HarnessException("folder " + folder + ": cannot be made", e);
    }
    Broker broker =
        Broker.start(folder.resolve("broker"), TestCertificates.create(), Publisher.FLEET, DEVICE);
    Mirror mirror =
        new Mirror(folder.resolve("mirror"), repository, broker.certificate(), broker.privateKey());
    Publisher publisher =
        new Publisher(
            Project.keys(), repository, folder.resolve("publisher.log"), commandEcho, outputEcho);
    Rig rig = rigIn.apply(folder.resolve("device"));
    try {
      mirror.start();
      StatusWatcher watcher =
          StatusWatcher.subscribe(folder.resolve("watcher"), broker, Publisher.FLEET, DEVICE);
      return new Bench(folder, broker, mirror, rig, watcher, publisher);
    } catch (HarnessException e) {
      rig.close();
      mirror.close();
      broker.close();
      throw e;
    }
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new HarnessException("folder " + folder + ": cannot be emptied", e);
    }
  }

  /** What the device is provisioned with to be part of this bench. */
  public Provisioning provisioning() {
    return new Provisioning(
        DEVICE,
        "ssl://" + rig.hostAddress() + ":" + broker.port(),
        broker.device().password(),
        "https://" + rig.hostAddress() + ":" + mirror.port() + "/",
        true,
        broker.caFile(),
        Optional.empty());
  }

  /** The folder with all files of this bench. */
  public Path folder() {
    return folder;
  }

  /** The broker, running. */
  public Broker broker() {
    return broker;
  }

  /** The mirror, serving the publisher's repository. */
  public Mirror mirror() {
    return mirror;
  }

  /** The device's switches and wires. */
  public Rig rig() {
    return rig;
  }

  /** What can be asked of the device. */
  public Device device() {
    return device;
  }

  /** Who sees the device's reports. */
  public StatusWatcher watcher() {
    return watcher;
  }

  /** Who publishes to the repository that the mirror serves. */
  public Publisher publisher() {
    return publisher;
  }

  /**
   * Switches the device on and waits until its agent is ready and its HTTPS server answers.
   *
   * @return the line in which the OS says so
   */
  public SerialLog.Line boot() {
    SerialLog.Mark start = rig.mark();
    rig.powerOn();
    SerialLog.Line ready = rig.awaitSerial(start, Device.AGENT_READY, Device.BOOT_LIMIT);
    device.awaitHttps(Device.BOOT_LIMIT);
    return ready;
  }

  /** What a report of a failure should show: the ends of all logs. */
  public String evidence() {
    return rig.serialLog().tail() + "\n" + watcher.history() + "\n" + broker.logTail();
  }

  @Override
  public void close() {
    try (broker;
        mirror;
        rig) {
      watcher.close();
    }
  }
}
