package dev.suture.hil;

/**
 * Marks tests on the device that a build leaves out because of the time that they take: {@code
 * ./verify --all} and {@code mvn -Pcampaign} run them, and so does naming one of them by {@code
 * -Dtest}.
 */
final class Campaign {
  static final String TAG = "campaign";

  private Campaign() {}
}
