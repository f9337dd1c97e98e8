package dev.suture.sim;

import dev.suture.durable.DurableFiles;
import dev.suture.link.ReportSink;
import dev.suture.live.Processes;
import dev.suture.slot.BootControl;
import dev.suture.slot.MiscMedium;
import dev.suture.slot.RecordMedium;
import dev.suture.slot.SlotDevice;

/** Where a test can put something of its own between the agent and its device. */
public interface SimWiring {
  /** Nothing in between. */
  SimWiring PLAIN = new SimWiring() {};

  /** Files of the agent's state. */
  default DurableFiles state(DurableFiles files) {
    return files;
  }

  /** Files of the slots. */
  default DurableFiles slots(DurableFiles files) {
    return files;
  }

  /** The raw copies of the activation record. */
  default RecordMedium medium(RecordMedium medium) {
    return medium;
  }

  /** The partition {@code misc}, where there is one. */
  default MiscMedium misc(MiscMedium medium) {
    return medium;
  }

  /** The activation record. */
  default BootControl bootControl(BootControl bootControl) {
    return bootControl;
  }

  /** The activation record, for who has to do with the state as well. */
  default BootControl bootControl(BootControl bootControl, DurableFiles state) {
    return bootControl(bootControl);
  }

  /** The broker. */
  default ReportSink reports(ReportSink reports) {
    return reports;
  }

  /** What runs. */
  default Processes processes(Processes processes) {
    return processes;
  }

  /** The kernel. */
  default SlotDevice device(SlotDevice device) {
    return device;
  }
}
