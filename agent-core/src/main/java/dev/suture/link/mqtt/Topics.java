package dev.suture.link.mqtt;

import dev.suture.link.Report;

/** The topics that this device uses. Its last levels are fixed for ever. */
record Topics(String fleet, String deviceId) {
  private static final String ROOT = "suture/1/";

  /** What the publisher says to the whole fleet. */
  String notice() {
    return ROOT + fleet + "/notice";
  }

  /** What this device says. */
  String of(Report report) {
    return ROOT + fleet + "/" + deviceId + "/" + report.word();
  }
}
