package dev.suture.hil.replay;

import dev.suture.agent.DeviceConfig;
import dev.suture.agent.Startup;
import dev.suture.attempt.Attempt;
import dev.suture.attempt.Phase;
import dev.suture.background.Pacer;
import dev.suture.durable.NioFiles;
import dev.suture.hil.CommandResult;
import dev.suture.hil.HarnessException;
import dev.suture.hil.HostProcess;
import dev.suture.hil.Project;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.SlotContent;
import dev.suture.slot.SlotDevice.BootChoice;
import dev.suture.slot.SlotFiles;
import dev.suture.slot.TwoCopyRecord;
import dev.suture.store.Journal;
import dev.suture.store.JournalState;
import dev.suture.store.MetadataStore;
import dev.suture.store.Outcome;
import dev.suture.trust.DeviceTrust;
import dev.suture.trust.ManifestVerifier;
import dev.suture.trust.TrustAnchor;
import dev.suture.trust.TrustState;
import dev.suture.trust.TrustedView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Judges one state of a device's disk on this machine, without booting it: the file system by
 * {@code e2fsck}, everything else by the agent's own classes. Not for use by several threads.
 */
public final class StateCheck {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** e2fsck's exit code for: errors corrected, such as a replayed journal. */
  private static final int FSCK_CORRECTED = 1;

  /** e2fsck's exit code for: this is no file system that can be worked on. */
  private static final int FSCK_UNUSABLE = 8;

  /** Sequence of the second of the two records that a device is flashed with. */
  private static final long FACTORY_SEQUENCE = 2;

  private final Path work;
  private final Path provisioned;
  private final DeviceConfig config;
  private final DeviceTrust trust;

  /**
   * What a state is.
   *
   * @param runs what the next start is to run
   * @param trial whether as a trial
   * @param situation how far the device was, in a few words; equal for states of one kind
   * @param complaints what is wrong with it; empty if nothing is
   */
  public record Findings(Slot runs, boolean trial, String situation, List<String> complaints) {}

  /**
   * Judges by what {@code qemu/build} put into the OS image.
   *
   * @param work a folder for copies; made if absent, emptied for each state
   * @param provisioned folder with the files that the device was provisioned with
   */
  public StateCheck(Path work, Path provisioned) {
    this.work = work;
    this.provisioned = provisioned;
    try {
      Files.createDirectories(work);
      this.config =
          DeviceConfig.decode(Files.readAllBytes(Project.factory().resolve("agent.json")));
      this.trust =
          new DeviceTrust(
              TrustAnchor.decode(Files.readAllBytes(Project.keys().resolve("root.json"))),
              new ManifestVerifier(config.identity()));
    } catch (IOException | SutureException e) {
      throw new HarnessException("state check: the device's configuration cannot be read", e);
    }
  }

  /**
   * Judges.
   *
   * @param stateImage image of the partition {@code state}; not changed
   * @param dataImage image of the partition {@code data}; not changed
   */
  public Findings check(Path stateImage, Path dataImage) {
    List<String> complaints = new ArrayList<>();
    RecordCopies copies = RecordCopies.of(stateImage);
    Path files = readOut(dataImage, complaints);
    try {
      return check(copies, files, complaints);
    } catch (SutureException e) {
      complaints.add("not expected: " + e.getMessage());
      return new Findings(Slot.BASE, false, "damaged", complaints);
    }
  }

  private Findings check(RecordCopies copies, Path files, List<String> complaints)
      throws SutureException {
    if (copies.valid() == 0) {
      complaints.add("activation record: expected a valid copy, got none");
      return new Findings(Slot.BASE, false, "no record", complaints);
    }
    ActivationRecord record = new TwoCopyRecord(copies).load();
    JournalState journal = journal(files, record, complaints);
    Optional<TrustedView> believed = believed(files, journal, complaints);
    wholeSlots(files, record, complaints);
    journalFitsRecord(journal, record, believed, complaints);
    provisionedFiles(files, complaints);
    BootChoice choice = copies.boot();
    startup(files, copies, choice, complaints);
    String situation =
        journal.attempt().map(attempt -> attempt.phase().name()).orElse("none")
            + journal.lastOutcome().map(outcome -> "/" + outcome.phase()).orElse("")
            + "; "
            + RecordCopies.words(record);
    return new Findings(choice.run(), choice.trial(), situation, complaints);
  }

  /**
   * The files of the data partition, after the file system's own journal was replayed on a copy.
   */
  private Path readOut(Path dataImage, List<String> complaints) {
    Path copy = work.resolve("checked.img");
    Path files = work.resolve("files");
    delete(files);
    run("cp", "--sparse=auto", dataImage.toString(), copy.toString()).orThrow();
    CommandResult replay = run("e2fsck", "-p", copy.toString());
    if (replay.exitCode() == FSCK_UNUSABLE) {
      // A torn superblock: no mount succeeds, and the device repairs it, as its rcS does.
      run("e2fsck", "-f", "-y", copy.toString());
    } else if (replay.exitCode() > FSCK_CORRECTED) {
      complaints.add("e2fsck -p: expected to correct what a power cut leaves: " + replay.text());
    }
    CommandResult full = run("e2fsck", "-fn", copy.toString());
    if (full.exitCode() != 0) {
      complaints.add("e2fsck -fn after the journal's replay: expected no error: " + full.text());
    }
    try {
      Files.createDirectories(files);
    } catch (IOException e) {
      throw new HarnessException("folder " + files + ": cannot be made", e);
    }
    run("debugfs", "-R", "rdump /slots /suture " + files, copy.toString()).orThrow();
    return files;
  }

  private CommandResult run(String... command) {
    Path log = work.resolve("tools.log");
    return HostProcess.run(List.of(command), LIMIT, Map.of(), log, line -> {});
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException | UncheckedIOException e) {
      throw new HarnessException("folder " + folder + ": cannot be emptied", e);
    }
  }

  /** It can be read, and is not gone once something was done that it came before. */
  private JournalState journal(Path files, ActivationRecord record, List<String> complaints)
      throws SutureException {
    NioFiles state = new NioFiles(files.resolve("suture"));
    JournalState journal = JournalState.empty(config.baseline());
    try {
      journal = new Journal(state).load(config.baseline());
    } catch (SutureException e) {
      complaints.add("journal: expected to be readable after a power cut: " + e.getMessage());
    }
    if (record.sequence() > FACTORY_SEQUENCE && journal.lastNumber() == 0) {
      complaints.add(
          "journal: expected to know an attempt, as the record was written, it is empty: "
              + record);
    }
    if (state.size("journal.damaged") >= 0) {
      complaints.add("journal: expected never to be found damaged, one was kept aside");
    }
    return journal;
  }

  /** It verifies, and is there once an attempt began by it. */
  private Optional<TrustedView> believed(Path files, JournalState journal, List<String> complaints)
      throws SutureException {
    MetadataStore.Found found =
        new MetadataStore(new NioFiles(files.resolve("suture")), TrustState.BYTES_MAX).load();
    for (String damage : found.damage()) {
      complaints.add("trust state: expected never to be found damaged: " + damage);
    }
    if (found.content().isEmpty()) {
      if (journal.lastNumber() > 0) {
        complaints.add("trust state: expected one, as an attempt began by it, got none");
      }
      return Optional.empty();
    }
    try {
      return Optional.of(trust.believed(TrustState.decode(found.content().get())));
    } catch (SutureException | IllegalArgumentException e) {
      complaints.add("trust state: expected to verify: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Whatever the record calls whole is: documents, images, hash trees. */
  private void wholeSlots(Path files, ActivationRecord record, List<String> complaints) {
    for (Slot slot : List.of(Slot.A, Slot.B)) {
      boolean named = record.active() == slot || record.isOnTrial(slot);
      SlotContent content = record.content(slot);
      if (content.state() != SlotContent.State.WHOLE) {
        if (named) {
          complaints.add("record: expected to name a whole slot, got " + record);
        }
        continue;
      }
      try {
        SlotFiles.Documents documents =
            new SlotFiles(new NioFiles(files.resolve("slots"))).documents(slot);
        TrustedView proof = trust.believed(TrustState.decodeProof(documents.proof()));
        LevelEntry entry =
            proof
                .level(content.manifest().orElseThrow())
                .orElseThrow(() -> new HarnessException("its proof does not list its manifest"));
        Manifest manifest = proof.verify(documents.manifest(), entry);
        HostSlots device = new HostSlots(files.resolve("slots"), new BootChoice(slot, false, 'a'));
        for (PatchComponent component : manifest.components()) {
          device.readBack(slot, component, Pacer.FREE);
        }
      } catch (SutureException | IllegalArgumentException | HarnessException e) {
        complaints.add("slot " + slot.word() + " is called whole: " + e.getMessage());
      }
    }
  }

  /** Nothing is remembered that the record does not bear out. */
  private static void journalFitsRecord(
      JournalState journal,
      ActivationRecord record,
      Optional<TrustedView> believed,
      List<String> complaints) {
    Optional<Attempt> attempt = journal.attempt();
    if (attempt.isPresent() && attempt.get().goal().isPresent()) {
      Phase phase = attempt.get().phase();
      SlotContent target = record.content(attempt.get().target());
      boolean holds = target.holds(attempt.get().goal().get().manifest().sha256());
      if (!phase.isTerminal() && phase.number() >= Phase.WRITING.number() && !holds) {
        complaints.add("journal in " + phase + ": expected the record to know, got " + record);
      }
      if (phase == Phase.ARMED && target.state() == SlotContent.State.UNUSABLE) {
        complaints.add("journal in ARMED: expected a slot on trial or after it, got " + record);
      }
      if (phase == Phase.ACTIVE && record.active() != attempt.get().target()) {
        complaints.add("journal in ACTIVE: expected the record to say so, got " + record);
      }
      if (believed.isPresent()
          && believed.get().level(attempt.get().goal().get().manifest().sha256()).isEmpty()) {
        complaints.add("trust state: expected to list the attempt's patch, it does not");
      }
    }
    for (Outcome outcome : journal.outcomes()) {
      if (outcome.phase() != Phase.ACTIVE || record.active() == Slot.BASE) {
        complaints.add("outcome: expected a good patch to become active, got " + outcome);
      }
    }
  }

  /** What the device was provisioned with is as it was. */
  private void provisionedFiles(Path files, List<String> complaints) {
    try (Stream<Path> all = Files.list(provisioned)) {
      for (Path file : all.toList()) {
        Path there = files.resolve("suture").resolve(file.getFileName().toString());
        if (!Files.exists(there)
            || !Arrays.equals(Files.readAllBytes(file), Files.readAllBytes(there))) {
          complaints.add("provisioned file " + file.getFileName() + ": expected as flashed");
        }
      }
    } catch (IOException e) {
      throw new HarnessException("provisioned files: cannot be compared", e);
    }
  }

  /**
   * The agent's own start comes up with exactly what the bootloader chose, and gives up nothing; it
   * counts the start of what is active.
   */
  private void startup(Path files, RecordCopies copies, BootChoice choice, List<String> complaints)
      throws SutureException {
    ActivationRecord before = new TwoCopyRecord(copies).load();
    Startup.Running running =
        new Startup(
                new TwoCopyRecord(copies),
                new HostSlots(files.resolve("slots"), choice),
                new SlotFiles(new NioFiles(files.resolve("slots"))),
                trust,
                config.identity(),
                new Journal(new NioFiles(files.resolve("suture"))),
                new MetadataStore(new NioFiles(files.resolve("suture")), TrustState.BYTES_MAX))
            .run();
    if (running.slot() != choice.run() || running.failure().isPresent()) {
      complaints.add("startup: expected " + choice + ", got " + running);
    }
    boolean isCounted = choice.run() != Slot.BASE && choice.run() == before.active();
    ActivationRecord expected = isCounted ? before.started() : before;
    ActivationRecord got = new TwoCopyRecord(copies).load();
    if (!got.equals(expected)) {
      complaints.add("startup: expected to leave the record " + expected + ", got " + got);
    }
  }
}
