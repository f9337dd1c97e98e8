package dev.suture.agent;

import dev.suture.protocol.json.Fields;
import dev.suture.slot.EnvironmentNames;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Where agent and bootloader meet: {@code boot_control} in {@code agent.json}.
 * docs/adr/0017-boot-control-adapters.md says what each kind is.
 *
 * @param kind which of them
 * @param environment where U-Boot's environment is, exactly for that kind
 * @param misc path of the partition {@code misc}, exactly for that kind
 */
public record BootControlConfig(
    Kind kind, Optional<Environment> environment, Optional<String> misc) {
  /** The raw record. */
  public static final BootControlConfig RAW =
      new BootControlConfig(Kind.RAW, Optional.empty(), Optional.empty());

  private static final String LOCK = "/var/lock/fw_printenv.lock";
  private static final int COPIES = 2;
  private static final int SECTOR_BYTES = 512;
  private static final long OFFSET_MAX = 1L << 50;
  private static final int SIZE_MAX = 256 << 10;

  /** What the bootloader reads. */
  public enum Kind {
    /** Two sectors of {@code activation_device}. */
    RAW("raw"),
    /** U-Boot's redundant environment. */
    ENVIRONMENT("environment"),
    /** AOSP's {@code bootloader_control}; the details are in {@code activation_device}. */
    MISC("misc");

    private final String word;

    Kind(String word) {
      this.word = word;
    }

    static Kind ofWord(String word) {
      for (Kind kind : values()) {
        if (kind.word.equals(word)) {
          return kind;
        }
      }
      throw new IllegalArgumentException("expected raw, environment or misc, got \"" + word + "\"");
    }
  }

  /**
   * A redundant environment.
   *
   * @param names what the variables of the record are called
   * @param isOurs whether nobody else has variables in it
   * @param lock path of the file that fw_setenv locks
   * @param copies both, as {@code fw_env.config} has them
   */
  public record Environment(
      EnvironmentNames names, boolean isOurs, String lock, List<Copy> copies) {
    /** Copies the list. */
    public Environment {
      copies = Collections.unmodifiableList(new ArrayList<>(copies));
    }
  }

  /**
   * Where a copy is.
   *
   * @param device path of the device
   * @param offset where it begins, in bytes; whole sectors of 512
   * @param size its length in bytes; whole sectors, at most 256 KiB
   */
  public record Copy(String device, long offset, int size) {
    static Copy read(Fields copy) {
      copy.onlyThese("device", "offset", "size");
      return new Copy(
          copy.parsed("device", DeviceConfig::absolute),
          sectors(copy, "offset", copy.integer("offset", 0, OFFSET_MAX)),
          (int) sectors(copy, "size", copy.integer("size", SECTOR_BYTES, SIZE_MAX)));
    }

    private static long sectors(Fields copy, String name, long bytes) {
      if (bytes % SECTOR_BYTES != 0) {
        throw new IllegalArgumentException(
            copy.path() + "." + name + ": expected whole sectors of 512 bytes, got " + bytes);
      }
      return bytes;
    }

    boolean overlaps(Copy other) {
      return device.equals(other.device)
          && offset < other.offset + other.size
          && other.offset < offset + size;
    }
  }

  static BootControlConfig read(Fields config) {
    String activationDevice = config.optionalText("activation_device").orElse("");
    return config
        .optionalObject("boot_control")
        .map(object -> readObject(object, activationDevice))
        .orElse(RAW);
  }

  private static BootControlConfig readObject(Fields object, String activationDevice) {
    Kind kind = object.parsed("kind", Kind::ofWord);
    switch (kind) {
      case RAW -> {
        object.onlyThese("kind");
        return RAW;
      }
      case ENVIRONMENT -> {
        object.onlyThese("kind", "names", "only_ours", "lock", "copies");
        return new BootControlConfig(kind, Optional.of(environment(object)), Optional.empty());
      }
      case MISC -> {
        object.onlyThese("kind", "device");
        String misc = object.parsed("device", DeviceConfig::absolute);
        if (misc.equals(activationDevice)) {
          throw new IllegalArgumentException(
              object.path() + ".device: expected another one than activation_device, got " + misc);
        }
        return new BootControlConfig(kind, Optional.empty(), Optional.of(misc));
      }
    }
    throw new AssertionError(kind);
  }

  private static Environment environment(Fields object) {
    List<Copy> copies = new ArrayList<>();
    for (Fields copy : object.objects("copies", COPIES)) {
      copies.add(Copy.read(copy));
    }
    if (copies.size() != COPIES
        || copies.get(0).size() != copies.get(1).size()
        || copies.get(0).overlaps(copies.get(1))) {
      throw new IllegalArgumentException(
          object.path()
              + ".copies: expected two of one size that do not overlap, got "
              + Arrays.toString(copies.toArray()));
    }
    return new Environment(
        object.parsed("names", EnvironmentNames::ofWord),
        object.has("only_ours") && object.bool("only_ours"),
        object.has("lock") ? object.parsed("lock", DeviceConfig::absolute) : LOCK,
        copies);
  }
}
