package dev.suture.sim;

/** Where a device's bootloader looks for what it is to start. */
public enum SimRecordKind {
  /** The raw record, which its boot script counts trials in. */
  RAW,
  /** U-Boot's redundant environment, with the raw record's names. */
  ENVIRONMENT,
  /** The same with the names of RAUC. */
  RAUC,
  /** The same, on an OS that runs {@code rauc status mark-good} at every start. */
  RAUC_MARKED_GOOD,
  /** AOSP's {@code bootloader_control}. */
  MISC;

  SimBootRecord factory(SimPower power) {
    return switch (this) {
      case RAW -> new SimRecordMedium(power);
      case ENVIRONMENT -> new SimEnvironment(power, false, false);
      case RAUC -> new SimEnvironment(power, true, false);
      case RAUC_MARKED_GOOD -> new SimEnvironment(power, true, true);
      case MISC -> new SimMisc(power);
    };
  }
}
