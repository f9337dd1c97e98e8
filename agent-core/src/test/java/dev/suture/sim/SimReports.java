package dev.suture.sim;

import dev.suture.link.Report;
import dev.suture.link.ReportSink;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A broker that takes reports, or does not. */
public final class SimReports implements ReportSink {
  private static final Pattern OUTCOME =
      Pattern.compile(
          "\"last_outcome\":\\s*\\{\\s*\"number\":\\s*(\\d+),\\s*\"release\":\\s*\"([^\"]*)\","
              + "\\s*\"phase\":\\s*\"(\\w+)\"");

  private final List<String> documents = new ArrayList<>();
  private final Set<String> outcomes = new LinkedHashSet<>();
  private boolean connected = true;
  private long connects = 1;
  private boolean losesEverything;

  /** Whether the broker is there. */
  public void connected(boolean there) {
    connects += there && !connected ? 1 : 0;
    connected = there;
  }

  /** The broker is there, but acknowledges nothing. */
  public void losesEverything(boolean loses) {
    losesEverything = loses;
  }

  /** Status documents that were acknowledged, oldest first. */
  public List<String> documents() {
    return documents;
  }

  /** The ends of attempts that were told, as {@code NUMBER TITLE PHASE}, each once. */
  public Set<String> outcomes() {
    return outcomes;
  }

  @Override
  public boolean connected() {
    return connected;
  }

  @Override
  public long connects() {
    return connects;
  }

  @Override
  public void publish(Report report, byte[] document) throws RetryableException {
    if (!connected || losesEverything) {
      throw new RetryableException(
          FailureCode.BROKER_UNREACHABLE, "publish: expected an acknowledgement, got none");
    }
    String text = new String(document, StandardCharsets.UTF_8);
    documents.add(text);
    Matcher outcome = OUTCOME.matcher(text);
    if (outcome.find()) {
      outcomes.add(outcome.group(1) + " " + outcome.group(2) + " " + outcome.group(3));
    }
  }
}
