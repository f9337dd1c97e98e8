package dev.suture.arm64.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ControlGroupTest {
  private static Optional<String> unified(String path) {
    return ControlGroup.service("0::" + path + "\n");
  }

  @Test
  void service_unified_isTheUnit() {
    assertThat(unified("/system.slice/nginx.service")).contains("nginx.service");
    assertThat(unified("/nginx.service")).contains("nginx.service"); // In the root slice.
    assertThat(unified("/system.slice/system-getty.slice/getty@tty1.service"))
        .contains("getty@tty1.service");
    assertThat(unified("/a.slice/a-b.slice/a-b-c.slice/x.service")).contains("x.service");
    assertThat(unified("/system.slice/dev\\x2da.service")).contains("dev\\x2da.service");
  }

  @Test
  void service_groupsBelowAUnit_areThatUnits() {
    assertThat(unified("/system.slice/nginx.service/workers/1")).contains("nginx.service");
    assertThat(unified("/system.slice/nginx.service/init.scope")).contains("nginx.service");
  }

  /** A name that the kernel would take for a file of its own has an underscore before it. */
  @Test
  void service_escapedName_isUnescaped() {
    assertThat(unified("/system.slice/_cgroup.service")).contains("cgroup.service");
    assertThat(unified("/system.slice/__a.service")).contains("_a.service");
  }

  /** Whom a part of the tree is left to makes groups there as he likes. */
  @Test
  void service_groupsOfOthersChoice_doNotChangeTheUnit() {
    assertThat(unified("/system.slice/evil.service/nginx.service")).contains("evil.service");
    assertThat(unified("/system.slice/evil.service/system.slice/nginx.service"))
        .contains("evil.service");
    assertThat(
            unified(
                "/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service/a.scope"))
        .contains("user@1000.service");
    for (String path :
        List.of(
            "/user.slice/user-1000.slice/session-1.scope/system.slice/nginx.service",
            "/docker/0123/system.slice/nginx.service",
            "/machine.slice/machine-a.scope/system.slice/nginx.service",
            "/evil/nginx.service",
            "/evil.slice/system.slice/nginx.service", // No child of evil.slice is called so.
            "/system-a.slice/nginx.service",
            "/system.slice/systemx-a.slice/nginx.service",
            "/system.slice/system-.slice/nginx.service",
            "/../system.slice/nginx.service",
            "/system.slice/../nginx.service",
            "//nginx.service",
            "/system.slice//nginx.service",
            "/.slice/nginx.service")) {
      assertThat(unified(path)).as(path).isEmpty();
    }
  }

  @Test
  void service_whatIsNone_belongsToNone() {
    for (String path :
        List.of(
            "/",
            "",
            "nginx.service",
            "/init.scope",
            "/system.slice",
            "/system.slice/",
            "/system.slice/nginx.socket",
            "/system.slice/.service",
            "/system.slice/_.service",
            "/system.slice/nginx.service (deleted)",
            "/user.slice/user-1000.slice/session-3.scope")) {
      assertThat(unified(path)).as(path).isEmpty();
    }
    assertThat(ControlGroup.service("")).isEmpty();
    assertThat(ControlGroup.service("0:\n:::\n\n")).isEmpty();
  }

  @Test
  void service_version1_isThatOfSystemdsHierarchy() {
    String others = "12:cpu,cpuacct:/system.slice/evil.service\n2:name=other:/a.service\n";
    assertThat(ControlGroup.service(others + "1:name=systemd:/system.slice/nginx.service\n"))
        .contains("nginx.service");
    assertThat(ControlGroup.service(others + "1:name=systemd:/system.slice/a:b.service\n0::/\n"))
        .contains("a:b.service");
    assertThat(ControlGroup.service(others)).isEmpty();
  }

  @Test
  void service_bothHierarchies_mustAgree() {
    String line = ":/system.slice/nginx.service\n";
    assertThat(ControlGroup.service("1:name=systemd" + line + "0:" + line))
        .contains("nginx.service");
    assertThat(ControlGroup.service("1:name=systemd:/system.slice/a.service\n0:" + line)).isEmpty();
  }
}
