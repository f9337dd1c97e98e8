package dev.suture.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import org.junit.jupiter.api.Test;

class DeviceConfigFuzzTest {
  private static final String HEX = "ab".repeat(32);
  private static final String SAMPLE =
      """
      {"baseline":"26.1","model":"suture-virt-arm64","fleet":"demo",
       "trust_root":"/etc/suture/trust-root.json","device_config":"/data/suture/device.json",
       "state_dir":"/data/suture","slots_dir":"/data/slots","activation_device":"/dev/vda1",
       "control_socket":"/run/suture/control.sock",
       "components":[{"name":"tls","base_image":"/usr/lib/suture/base/tls.img",
         "mount":"/components/tls","size":5619712,"sha256":"HEX","verity_root":"HEX",
         "verity_salt":"HEX"}]}
      """
          .replace("HEX", HEX);

  private final ParserContract<DeviceConfig> contract =
      ParserContract.refusingWith("agent.json", DeviceConfig::decode, FailureCode.CONFIG_INVALID);

  @FuzzTest
  void fuzz(byte[] input) {
    contract.check(input);
  }

  @Test
  void sweep_everyByteAndNumber_keepsTheContract() {
    byte[] sample = Seeds.sample(getClass(), "valid", Bytes.of(SAMPLE));
    Sweep.around(contract, sample).everyByte().textNumbers().keepsTheContract();
  }
}
