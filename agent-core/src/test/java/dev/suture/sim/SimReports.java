package dev.suture.sim;

import dev.suture.link.Report;
import dev.suture.link.ReportSink;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A broker that takes reports, or does not. */
public final class SimReports implements ReportSink {
  private final List<String> documents = new ArrayList<>();
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
    documents.add(new String(document, StandardCharsets.UTF_8));
  }
}
