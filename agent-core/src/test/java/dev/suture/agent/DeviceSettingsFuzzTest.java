package dev.suture.agent;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.suture.fuzz.Bytes;
import dev.suture.fuzz.ParserContract;
import dev.suture.fuzz.Seeds;
import dev.suture.fuzz.Sweep;
import dev.suture.protocol.failure.FailureCode;
import org.junit.jupiter.api.Test;

class DeviceSettingsFuzzTest {
  private static final String SAMPLE =
      """
      {"device_id":"dev-0001","broker_uri":"ssl://10.0.2.2:8883","username":"dev-0001",
       "password":"not a real one","ca_file":"/data/suture/ca.pem",
       "metadata_url":"https://10.0.2.2:8443/","automatic":true}
      """;

  private final ParserContract<DeviceSettings> contract =
      ParserContract.refusingWith(
          "device.json", DeviceSettings::decode, FailureCode.CONFIG_INVALID);

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
