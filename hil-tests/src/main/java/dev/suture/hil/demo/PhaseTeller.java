package dev.suture.hil.demo;

import dev.suture.hil.StatusWatcher;
import java.util.function.Consumer;

/** Says when a device reports something new about itself. */
final class PhaseTeller implements Consumer<StatusWatcher.Report> {
  private final Progress progress;
  private String last = "";

  PhaseTeller(Progress progress) {
    this.progress = progress;
  }

  @Override
  public void accept(StatusWatcher.Report report) {
    String now =
        report.kind().equals("status")
            ? report.status().phase()
                + " (runs "
                + report.status().running()
                + report
                    .status()
                    .attempt()
                    .map(attempt -> ", attempt at " + attempt.release())
                    .orElse("")
                + ")"
            : report.payload().strip();
    if (!now.equals(last)) {
      progress.say("the device reports: " + now);
      last = now;
    }
  }
}
