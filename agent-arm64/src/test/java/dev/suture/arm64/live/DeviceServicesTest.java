package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.suture.agent.DeviceConfig;
import dev.suture.live.OldCode;
import dev.suture.live.Services.Service;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceServicesTest {
  private static final Service STORE = new Service("store", 5_000);
  private static final Service WEB = new Service("web", 7_000);

  @TempDir Path directory;

  @Test
  void owners_unitAndPidFileClaimIt_theUnitHasIt() throws Exception {
    Path pidFile = Files.writeString(directory.resolve("store.pid"), "812\n");
    DeviceServices services =
        new DeviceServices(
            List.of(
                DeviceConfig.Service.ofPidFile("store", pidFile.toString(), List.of(), 5),
                DeviceConfig.Service.ofUnit("web", "web.service", 7)),
            Optional.empty(),
            () -> {});
    OldCode both = new OldCode(812, List.of(1), "p", "maps", Optional.of("web.service"));
    OldCode child = new OldCode(813, List.of(812, 1), "p", "maps");
    OldCode neither = new OldCode(900, List.of(1), "p", "maps", Optional.of("other.service"));
    assertThat(services.owners(List.of(both, child, neither)))
        .containsExactlyInAnyOrderEntriesOf(Map.of(both, WEB, child, STORE));
  }

  @Test
  void owners_ofWhatIsNeverRestarted_isNotTheUnits() throws Exception {
    Path pidFile =
        Files.writeString(
            directory.resolve("press.pid"),
            Long.toString(ProcessHandle.current().parent().get().pid()));
    DeviceServices services =
        new DeviceServices(
            List.of(
                DeviceConfig.Service.ofPidFile("press", pidFile.toString(), List.of(), 0)
                    .neverRestarted(),
                DeviceConfig.Service.ofUnit("web", "web.service", 7)),
            Optional.empty(),
            () -> {});
    OldCode press =
        new OldCode(
            (int) ProcessHandle.current().parent().get().pid(),
            List.of(1),
            "p",
            "maps",
            Optional.of("web.service"));
    assertThat(services.owners(List.of(press)).values())
        .containsExactly(new Service("press", 0, true));
  }

  /** No systemd is needed where nothing of it is configured. */
  @Test
  void inOrder_pidFilesAlone_asksNobody() throws Exception {
    DeviceServices services =
        new DeviceServices(
            List.of(
                DeviceConfig.Service.ofPidFile("web", "/a", List.of(), 7),
                DeviceConfig.Service.ofPidFile("store", "/b", List.of(), 5)),
            Optional.empty(),
            () -> {});
    assertThat(services.inOrder()).containsExactly(WEB, STORE);
    assertThat(services.condition(WEB).said()).isEqualTo("/a names no process");
  }
}
