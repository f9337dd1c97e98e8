package dev.suture.arm64;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which build of the agent this is. */
public final class AgentBuild {
  private AgentBuild() {}

  /** The version without what Maven appends to builds between releases: {@code 0.1.0}. */
  public static String version() {
    Properties properties = new Properties();
    try (InputStream in = AgentBuild.class.getResourceAsStream("build.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      throw new IllegalStateException("the build wrote build.properties into the jar", e);
    }
    String version = properties.getProperty("version");
    if (version == null) {
      throw new IllegalStateException("build.properties: expected a version, got none");
    }
    return version.replace("-SNAPSHOT", "");
  }
}
