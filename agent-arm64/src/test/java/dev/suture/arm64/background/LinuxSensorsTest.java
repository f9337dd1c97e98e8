package dev.suture.arm64.background;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.DeviceConfig;
import dev.suture.background.Resource;
import dev.suture.background.Stall;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxSensorsTest {
  @TempDir Path root;
  private LinuxSensors sensors;

  @BeforeEach
  void setUp() {
    sensors =
        new LinuxSensors(
            root.resolve("proc"),
            root.resolve("sys"),
            new Inhibitors(DeviceConfig.Background.UNLIMITED));
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void battery(String name, String status, String capacity) throws IOException {
    file("sys/class/power_supply/" + name + "/type", "Battery\n");
    file("sys/class/power_supply/" + name + "/status", status + "\n");
    file("sys/class/power_supply/" + name + "/capacity", capacity + "\n");
  }

  @Test
  void stall_asTheKernelWritesIt_isReadAndOtherwiseUnknown() throws IOException {
    assertThat(sensors.stall(Resource.IO)).isEmpty();
    file(
        "proc/pressure/io",
        """
        some avg10=37.94 avg60=12.00 avg300=1.50 total=115606752
        full avg10=30.00 avg60=10.00 avg300=1.00 total=9
        """);
    assertThat(sensors.stall(Resource.IO)).contains(new Stall(37, 115_606_752));
    file("proc/pressure/cpu", "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n");
    assertThat(sensors.stall(Resource.CPU)).contains(new Stall(0, 0));
    for (String other :
        new String[] {"", "\n", "some avg10=x total=1", "full avg10=1.00 total=1"}) {
      file("proc/pressure/memory", other);
      assertThat(sensors.stall(Resource.MEMORY)).as(other).isEmpty();
    }
  }

  @Test
  void stall_thisKernel_isCountedAndGrows() {
    LinuxSensors here = new LinuxSensors(DeviceConfig.Background.UNLIMITED);
    if (Files.isReadable(Path.of("/proc/pressure/cpu"))) {
      Stall before = here.stall(Resource.CPU).orElseThrow();
      assertThat(before.recentPercent()).isBetween(0, 100);
      assertThat(here.stall(Resource.CPU).orElseThrow().totalMicros())
          .isGreaterThanOrEqualTo(before.totalMicros());
    } else {
      assertThat(here.stall(Resource.CPU)).isEmpty();
    }
  }

  @Test
  void batteryPercent_severalSupplies_isTheEmptiestThatIsUsedUp() throws IOException {
    assertThat(sensors.batteryPercent()).isEmpty();
    file("sys/class/power_supply/AC/type", "Mains\n");
    file("sys/class/power_supply/AC/online", "1\n");
    battery("BAT0", "Charging", "3");
    assertThat(sensors.batteryPercent()).isEmpty();
    battery("BAT1", "Discharging", "40");
    battery("BAT2", "Discharging", "90");
    assertThat(sensors.batteryPercent()).contains(40);
    battery("mouse", "Discharging", "2");
    file("sys/class/power_supply/mouse/scope", "Device\n");
    assertThat(sensors.batteryPercent()).contains(40);
    battery("BAT1", "Discharging", "unknown");
    assertThat(sensors.batteryPercent()).contains(90);
    battery("BAT1", "Discharging", "255");
    assertThat(sensors.batteryPercent()).contains(90);
  }

  @Test
  void celsius_severalZones_isTheHottest() throws IOException {
    assertThat(sensors.celsius()).isEmpty();
    file("sys/class/thermal/cooling_device0/type", "fan\n");
    assertThat(sensors.celsius()).isEmpty();
    file("sys/class/thermal/thermal_zone0/temp", "-273000\n");
    file("sys/class/thermal/thermal_zone1/temp", "61999\n");
    file("sys/class/thermal/thermal_zone2/temp", "\n");
    assertThat(sensors.celsius()).contains(61);
  }
}
