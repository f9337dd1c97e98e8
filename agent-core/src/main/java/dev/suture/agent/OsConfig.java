package dev.suture.agent;

import dev.suture.agent.DeviceConfig.Component;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.protocol.manifest.OsParts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where the parts of the OS are on a device whose OS can be patched.
 *
 * @param statements path of the directory with {@code a/os.json} and {@code b/os.json}: what the
 *     release's OS slots hold. An OS image cannot say its own digest, so this is beside it. Nobody
 *     signed it: it is held against what signed manifests say is their base, and trusted for
 *     nothing else
 * @param fitA the raw partition from which the bootloader starts slot A's own OS
 * @param fitB likewise of slot B
 */
public record OsConfig(String statements, String fitA, String fitB) {
  /** Longest statement that is read. */
  public static final int STATEMENT_BYTES_MAX = 64 << 10;

  /** Reads it from {@code agent.json}. */
  static Optional<OsConfig> read(Fields config) {
    return config
        .optionalObject("os")
        .map(os -> os.onlyThese("statements", "fit_a", "fit_b"))
        .map(
            os ->
                new OsConfig(
                    os.parsed("statements", DeviceConfig::absolute),
                    os.parsed("fit_a", DeviceConfig::absolute),
                    os.parsed("fit_b", DeviceConfig::absolute)));
  }

  /** Path of the statement about an OS slot of the release, {@code a} or {@code b}. */
  public String statement(char osSlot) {
    return statements + "/" + osSlot + "/os.json";
  }

  /** The partition from which a slot's own OS starts; base has none of its own. */
  public String fit(Slot slot) {
    return switch (slot) {
      case A -> fitA;
      case B -> fitB;
      case BASE -> throw new IllegalArgumentException("expected slot a or b, got base");
    };
  }

  /**
   * Reads a statement: both parts of the OS, as what patches of them are made from.
   *
   * @param where names it in the error
   * @throws DeviceException {@code CONFIG_INVALID}, with the key
   */
  public static List<Component> decodeStatement(String where, byte[] bytes) throws DeviceException {
    try {
      List<Component> components = new ArrayList<>();
      Fields statement =
          StrictJson.parse(where, bytes, STATEMENT_BYTES_MAX).onlyThese("components");
      for (Fields component : statement.objects("components", 2)) {
        component.onlyThese("name", "base_image", "size", "sha256", "verity_root", "verity_salt");
        components.add(Component.read(component, Optional.empty()));
      }
      if (components.size() != 2
          || components.stream().noneMatch(one -> one.name().equals(OsParts.ROOT))
          || components.stream().noneMatch(one -> one.name().equals(OsParts.BOOT))) {
        throw new IllegalArgumentException(
            where
                + ": expected components "
                + OsParts.ROOT
                + " and "
                + OsParts.BOOT
                + ", got "
                + components);
      }
      return components;
    } catch (IllegalArgumentException e) {
      throw new DeviceException(FailureCode.CONFIG_INVALID, String.valueOf(e.getMessage()), e);
    }
  }
}
