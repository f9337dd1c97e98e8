package dev.suture.agent;

import dev.suture.attempt.Patch;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.manifest.Payload;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.TrustState;
import dev.suture.trust.TrustedView;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Says step by step what this device thinks of a bundle. Changes nothing; what it says is what the
 * same code decides when the bundle is installed.
 */
final class BundleReport {
  private final BundleFile bundle;

  /** Why this device can do nothing with a patch that is signed for it, if so. */
  private final Function<Manifest, Optional<RejectedException>> refusal;

  private final List<String> lines = new ArrayList<>();
  private boolean isGood = true;

  private BundleReport(BundleFile bundle, Function<Manifest, Optional<RejectedException>> refusal) {
    this.bundle = bundle;
    this.refusal = refusal;
  }

  static BundleFindings of(
      BundleFile bundle,
      DeviceTrust trust,
      TrustState state,
      Optional<Instant> clock,
      List<String> statementPaths,
      Function<Manifest, Optional<RejectedException>> refusal) {
    BundleReport report = new BundleReport(bundle, refusal);
    report.look(trust, state, clock, statementPaths);
    report.lines.add(
        report.isGood ? "good: nothing in it is refused" : "not good: see what is refused above");
    return new BundleFindings(report.lines, report.isGood);
  }

  private void look(
      DeviceTrust trust, TrustState state, Optional<Instant> clock, List<String> statementPaths) {
    lines.add("time: " + clock.map(now -> "clock, " + now).orElse("no clock to be trusted"));
    try {
      DeviceTrust.Refresh refresh =
          trust.refresh(
              state,
              (name, bytesMax) -> Mirror.metadata(bundle, name, bytesMax),
              clock,
              statementPaths);
      lines.add("root: " + refresh.state().roots().size() + " behind the shipped one, each signed");
      if (refresh.failure().isPresent()) {
        refused("metadata", refresh.failure().get());
        return;
      }
      describe(refresh.view().orElseThrow(IllegalStateException::new));
    } catch (SutureException e) {
      refused("metadata", e);
    }
  }

  private void describe(TrustedView view) {
    lines.add(
        "timestamp: version "
            + view.timestamp().signed().version()
            + view.timestamp().issued().map(at -> ", issued " + at).orElse("")
            + ", expires "
            + view.timestamp().signed().expires()
            + "; signed, not older than what this device knows");
    lines.add("targets: " + view.levels().size() + " levels for this device");
    for (LevelEntry entry : view.levels()) {
      if (entry.withdrawal().isPresent()) {
        lines.add(entry.title() + ": withdrawn, " + entry.withdrawal().get().reach().word());
      } else if (bundle.has(entry.manifest().path())) {
        describe(view, entry);
      } else {
        lines.add(entry.title() + ": published, not in this bundle");
      }
    }
  }

  private void describe(TrustedView view, LevelEntry entry) {
    Patch patch = new Patch(entry.baseline(), entry.level(), entry.manifest());
    try {
      Manifest manifest =
          view.verify(bundle.document(patch.manifest().path(), Manifest.BYTES_MAX), entry);
      lines.add(entry.title() + ": manifest signed, for this device, " + patch.manifest().sha256());
      refusal.apply(manifest).ifPresent(why -> refused("  checks", why));
      for (PatchComponent component : manifest.components()) {
        for (Payload payload : component.payloads()) {
          if (bundle.has(payload.file().path())) {
            checkDigest(component.name() + " " + payload.kind().word(), payload.file());
          }
        }
      }
    } catch (SutureException e) {
      refused(entry.title(), e);
    }
  }

  private void checkDigest(String what, FileRef file) throws SutureException {
    MessageDigest digest = Sha256.newDigest();
    bundle.range(file.path(), 0, file.bytes(), digest::update);
    Sha256 got = Sha256.ofBytes(digest.digest());
    boolean same = got.equals(file.sha256());
    isGood &= same;
    lines.add(
        "  "
            + what
            + ": "
            + file.bytes()
            + " bytes, "
            + (same ? "digest as signed" : "REFUSED: expected " + file.sha256() + ", got " + got));
  }

  private void refused(String what, SutureException e) {
    isGood = false;
    lines.add(what + ": REFUSED: " + e.getMessage());
  }
}
