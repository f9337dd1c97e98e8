package dev.suture.protocol.failure;

/**
 * Every distinguishable failure. Numbers are fixed: they go to disk and over the wire, and a number
 * is never used again for something else. 1xx: the bytes are not acceptable; 2xx: the patch is not
 * for this device; 3xx: transport, may pass; 4xx: the device; 5xx: the patch was tried and was not
 * good; 6xx: the operator's input.
 */
public enum FailureCode {
  SIGNATURE_INVALID(101),
  METADATA_MALFORMED(102),
  METADATA_ROLLED_BACK(103),
  METADATA_TOO_LARGE(104),
  MANIFEST_DIGEST_MISMATCH(105),
  MANIFEST_MALFORMED(106),
  PAYLOAD_DIGEST_MISMATCH(107),
  PAYLOAD_LENGTH_MISMATCH(108),
  DELTA_MALFORMED(109),
  IMAGE_DIGEST_MISMATCH(110),
  NOTICE_MALFORMED(111),
  METADATA_EXPIRED(112),
  METADATA_MISMATCH(113),
  TARGET_UNKNOWN(114),
  SEAL_INVALID(115),
  METADATA_FROZEN(116),
  BUNDLE_MALFORMED(117),

  WRONG_BASELINE(201),
  WRONG_MODEL(202),
  WRONG_COMPONENTS(203),
  WRONG_BASE_IMAGE(204),
  AGENT_TOO_OLD(205),
  HEALTH_CHECK_UNSUPPORTED(206),
  LEVEL_WITHDRAWN(207),
  BELOW_FLOOR(208),
  DATA_SCHEMA_UNREADABLE(209),
  COMPONENT_NOT_VOUCHED(210),

  SERVER_UNREACHABLE(301),
  SERVER_NOT_FOUND(302),
  SERVER_ERROR(303),
  DOWNLOAD_TRUNCATED(304),
  DOWNLOAD_TOO_SLOW(305),
  BROKER_UNREACHABLE(306),

  DISK_FULL(401),
  STORAGE_READ_ONLY(402),
  STORAGE_IO(403),
  READ_BACK_MISMATCH(404),
  JOURNAL_DAMAGED(405),
  ACTIVATION_RECORD_DAMAGED(406),
  KERNEL_CALL_FAILED(407),
  CONFIG_INVALID(408),
  TRUST_ROOT_MISSING(409),
  BASE_UNREADABLE(410),
  TRUST_STATE_DAMAGED(411),
  WORK_HELD_UP(412),
  OS_SLOT_REFUSED(413),

  HEALTH_FAILED(501),
  TRIES_EXHAUSTED(502),
  SLOT_UNMOUNTABLE(503),
  STATE_UNEXPECTED(504),
  BASE_IN_USE(505),
  STARTS_EXHAUSTED(506),
  OLD_CODE_RUNS(507),
  PROBATION_FAILED(508),

  COMMAND_UNKNOWN(601),
  NOTHING_TO_DO(602),
  NOT_PERMITTED(603),
  BUSY(604);

  private final int number;

  FailureCode(int number) {
    this.number = number;
  }

  /** The number that is written to disk and sent; fixed for ever. */
  public int number() {
    return number;
  }

  /**
   * The code with this number.
   *
   * @throws IllegalArgumentException if no code has it
   */
  public static FailureCode ofNumber(int number) {
    for (FailureCode code : values()) {
      if (code.number == number) {
        return code;
      }
    }
    throw new IllegalArgumentException("failure code: expected a known number, got " + number);
  }

  /** How people see it: {@code SUT-107 payload digest mismatch}. */
  @Override
  public String toString() {
    return "SUT-" + number + " " + name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }
}
