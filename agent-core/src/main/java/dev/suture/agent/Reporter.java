package dev.suture.agent;

import dev.suture.attempt.Attempt;
import dev.suture.attempt.Failure;
import dev.suture.health.CheckResult;
import dev.suture.link.Report;
import dev.suture.protocol.Slot;
import dev.suture.protocol.StatusDocument;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.AgentVersion;
import dev.suture.protocol.manifest.ImageIdentity;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.store.Held;
import dev.suture.store.JournalState;
import dev.suture.store.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what the device runs. A report that does not get through stops nothing. */
final class Reporter {
  private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);
  private static final long MIB = 1 << 20;

  private final AgentParts parts;
  private Optional<StatusDocument> acknowledged = Optional.empty();
  private long acknowledgedInConnection;

  Reporter(AgentParts parts) {
    this.parts = parts;
  }

  /**
   * Sends the document if it says anything new, or if {@code urgent}.
   *
   * @return whether the other side has it now
   */
  boolean report(StatusDocument document, boolean urgent) {
    long connection = parts.reports().connects();
    boolean same =
        acknowledged.isPresent()
            && acknowledgedInConnection == connection
            && acknowledged.get().saysTheSameAs(document);
    if (same && !urgent) {
      return true;
    }
    if (!parts.reports().connected()) {
      return false;
    }
    try {
      parts.reports().publish(Report.STATUS, document.encode());
      acknowledged = Optional.of(document);
      acknowledgedInConnection = connection;
      return true;
    } catch (RetryableException e) {
      LOG.warn("status not reported yet: {}", e.getMessage());
      return false;
    }
  }

  StatusDocument document(
      WhatRuns what,
      JournalState journal,
      Optional<Outcome> outcome,
      Optional<Failure> stepFailure,
      Optional<Failure> lastFailure,
      List<CheckResult> notPassed,
      List<StatusDocument.Exposed> exposed,
      Optional<StatusDocument.Probation> probation,
      Optional<StatusDocument.Apply> apply,
      Optional<String> waitsFor,
      boolean isConfirmed) {
    Startup.Running running = what.now();
    DeviceConfig config = parts.config();
    ProcessFigures figures = parts.figures().now();
    return new StatusDocument(
        parts.settings().deviceId(),
        config.fleet(),
        config.model(),
        config.baseline(),
        running.slot(),
        running.manifest().map(Manifest::level),
        phase(running, journal),
        isConfirmed,
        components(running),
        journal.attempt().map(attempt -> progress(attempt, stepFailure)),
        waitsFor,
        outcome.map(Reporter::progress),
        lastFailure.map(Reporter::problem),
        titles(journal),
        probation,
        what.activation(),
        checks(notPassed),
        exposed,
        new StatusDocument.Agent(
            AgentVersion.CURRENT.toString(),
            figures.residentKib(),
            figures.residentPeakKib(),
            Runtime.getRuntime().maxMemory() / MIB,
            figures.connectedAfterMillis(),
            apply));
  }

  private static String phase(Startup.Running running, JournalState journal) {
    return journal
        .attempt()
        .map(attempt -> attempt.phase().name())
        .orElse(running.slot() == Slot.BASE ? "BASE" : "ACTIVE");
  }

  private List<StatusDocument.Component> components(Startup.Running running) {
    List<StatusDocument.Component> components = new ArrayList<>();
    for (DeviceConfig.Component component : parts.config().components()) {
      Optional<ImageIdentity> patched =
          running
              .manifest()
              .flatMap(manifest -> manifest.component(component.name()))
              .map(PatchComponent::image);
      ImageIdentity image = patched.orElse(component.base());
      components.add(
          new StatusDocument.Component(
              component.name(),
              patched.isPresent() ? running.slot() : Slot.BASE,
              image.sha256(),
              image.verityRoot()));
    }
    return components;
  }

  private static StatusDocument.Progress progress(Attempt attempt, Optional<Failure> stepFailure) {
    Optional<Failure> failure = stepFailure.isPresent() ? stepFailure : attempt.failure();
    return new StatusDocument.Progress(
        attempt.number(), attempt.title(), attempt.phase().name(), failure.map(Reporter::problem));
  }

  private static StatusDocument.Progress progress(Outcome outcome) {
    return new StatusDocument.Progress(
        outcome.number(),
        outcome.title(),
        outcome.phase().name(),
        outcome.failure().map(Reporter::problem));
  }

  private static StatusDocument.Problem problem(Failure failure) {
    return new StatusDocument.Problem(failure.code().number(), failure.message());
  }

  private static List<StatusDocument.Check> checks(List<CheckResult> notPassed) {
    return notPassed.stream()
        .limit(StatusDocument.CHECKS_MAX)
        .map(result -> new StatusDocument.Check(result.name(), result.message()))
        .collect(Collectors.toList());
  }

  private static List<String> titles(JournalState journal) {
    List<String> titles = new ArrayList<>();
    for (Held held : journal.held()) {
      titles.add(held.title());
    }
    return titles;
  }
}
