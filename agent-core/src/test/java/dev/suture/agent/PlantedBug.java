package dev.suture.agent;

import dev.suture.attempt.Phase;
import dev.suture.background.Pacer;
import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.durable.RewritableFile;
import dev.suture.durable.WritableFile;
import dev.suture.link.Report;
import dev.suture.link.ReportSink;
import dev.suture.live.OldCode;
import dev.suture.live.Processes;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.Level;
import dev.suture.protocol.Slot;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.manifest.PatchComponent;
import dev.suture.sim.SimPublisher;
import dev.suture.sim.SimWiring;
import dev.suture.slot.ActivationRecord;
import dev.suture.slot.ActivationRecordCodec;
import dev.suture.slot.BootControl;
import dev.suture.slot.RecordMedium;
import dev.suture.slot.SlotContent;
import dev.suture.slot.SlotDevice;
import dev.suture.store.JournalBytes;
import dev.suture.store.JournalState;
import dev.suture.store.MetadataStore;
import dev.suture.trust.TrustState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Mistakes that update agents have made. Each is put into the device between agent and disk. */
enum PlantedBug implements SimWiring {
  /** The state is never synced, but for what {@link #TRUST_NOT_SYNCED} is about. */
  STATE_NOT_SYNCED(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new WithoutFileSync(files, path -> !path.startsWith("trust."));
    }
  },
  /** The images of a slot are not synced before the record names them. */
  IMAGES_NOT_SYNCED(CrashStory.INSTALL) {
    @Override
    public DurableFiles slots(DurableFiles files) {
      return new WithoutFileSync(files, path -> path.endsWith(".img"));
    }
  },
  /** Renames of the state are never made durable. */
  STATE_DIRECTORY_NOT_SYNCED(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new WithoutDirectorySync(files);
    }
  },
  /** Names of a slot's files are never made durable. */
  SLOT_DIRECTORY_NOT_SYNCED(CrashStory.INSTALL) {
    @Override
    public DurableFiles slots(DurableFiles files) {
      return new WithoutDirectorySync(files);
    }
  },
  /** Small files are written over, not aside. */
  WRITTEN_IN_PLACE(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new InPlace(files);
    }
  },
  /** The slot goes on trial before its first byte is written. */
  ARMED_BEFORE_WRITTEN(CrashStory.INSTALL) {
    @Override
    public BootControl bootControl(BootControl bootControl) {
      return new ChangedRecord(bootControl) {
        @Override
        ActivationRecord changed(ActivationRecord old, ActivationRecord next) {
          Slot target = old.free();
          SlotContent content = next.content(target);
          return content.state() == SlotContent.State.UNUSABLE
              ? old.onTrial(target, content.manifest().orElseThrow(), 3)
              : next;
        }
      };
    }
  },
  /** The slot is confirmed when it is armed: nobody asks for health. */
  CONFIRMED_BEFORE_HEALTH(CrashStory.FAILING_HEALTH) {
    @Override
    public BootControl bootControl(BootControl bootControl) {
      return new ChangedRecord(bootControl) {
        @Override
        ActivationRecord changed(ActivationRecord old, ActivationRecord next) {
          return next.trial().isPresent() && !old.trial().isPresent()
              ? new ActivationRecord(
                  next.sequence(),
                  next.trial().get(),
                  0,
                  Optional.empty(),
                  0,
                  next.a(),
                  next.b(),
                  next.osSlot())
              : next;
        }
      };
    }
  },
  /** The bootloader is not given the OS of the slot that goes on trial. */
  START_NOT_PREPARED(CrashStory.OS_INSTALL) {
    @Override
    public SlotDevice device(SlotDevice device) {
      return new ForwardingSlotDevice(device) {
        @Override
        public void prepareStart(Slot slot, Manifest manifest) {}
      };
    }
  },
  /** Starts are counted in memory only: a patch that stops every start is never given up. */
  START_NOT_COUNTED(CrashStory.HANGING_LATER) {
    @Override
    public BootControl bootControl(BootControl bootControl) {
      return new ChangedRecord(bootControl) {
        @Override
        ActivationRecord changed(ActivationRecord old, ActivationRecord next) {
          return next.starts() > old.starts()
              ? new ActivationRecord(
                  next.sequence(),
                  next.active(),
                  0,
                  next.trial(),
                  next.tries(),
                  next.a(),
                  next.b(),
                  next.osSlot())
              : next;
        }
      };
    }
  },
  /** Nobody looks for old code: the services go on with what was mounted before. */
  OLD_CODE_NOT_LOOKED_FOR(CrashStory.LIVE_INSTALL) {
    @Override
    public Processes processes(Processes processes) {
      return new Processes() {
        @Override
        public List<OldCode> oldCode() {
          return List.of();
        }

        @Override
        public List<OldCode> usersOf(Set<ComponentName> components) throws DeviceException {
          return processes.usersOf(components);
        }

        @Override
        public Optional<String> heldWithoutProcess() {
          return Optional.empty();
        }

        @Override
        public void signal(OldCode process, Signal signal) {
          processes.signal(process, signal);
        }

        @Override
        public Agent agent() throws DeviceException {
          return processes.agent();
        }
      };
    }
  },
  /** Whoever was asked to end is taken for gone, and nobody looks whether he is. */
  ASKED_IS_TAKEN_FOR_GONE(CrashStory.USERSPACE_INSTALL) {
    @Override
    public Processes processes(Processes processes) {
      Set<Integer> asked = new HashSet<>();
      return new Processes() {
        @Override
        public List<OldCode> oldCode() throws DeviceException {
          List<OldCode> old = new ArrayList<>(processes.oldCode());
          old.removeIf(process -> asked.contains(process.pid()));
          return old;
        }

        @Override
        public List<OldCode> usersOf(Set<ComponentName> components) throws DeviceException {
          return processes.usersOf(components);
        }

        @Override
        public Optional<String> heldWithoutProcess() throws DeviceException {
          return processes.heldWithoutProcess();
        }

        @Override
        public void signal(OldCode process, Signal signal) {
          asked.add(process.pid());
          processes.signal(process, signal);
        }

        @Override
        public Agent agent() throws DeviceException {
          return processes.agent();
        }
      };
    }
  },
  /** One try is one too few: a single cut during the trial gives up a good patch. */
  SINGLE_TRY(CrashStory.INSTALL) {
    @Override
    public BootControl bootControl(BootControl bootControl) {
      return new ChangedRecord(bootControl) {
        @Override
        ActivationRecord changed(ActivationRecord old, ActivationRecord next) {
          return next.trial().isPresent()
              ? new ActivationRecord(
                  next.sequence(),
                  next.active(),
                  next.starts(),
                  next.trial(),
                  1,
                  next.a(),
                  next.b(),
                  next.osSlot())
              : next;
        }
      };
    }
  },
  /** The newest copy of the record is written over, so a cut inside loses it. */
  NEWEST_COPY_WRITTEN_OVER(CrashStory.INSTALL) {
    @Override
    public RecordMedium medium(RecordMedium medium) {
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) throws DeviceException {
          return medium.read(copy);
        }

        @Override
        public void write(int copy, byte[] bytes) throws DeviceException {
          medium.write(isValid(medium.read(1 - copy)) ? 1 - copy : copy, bytes);
        }
      };
    }
  },
  /** Nothing is read back: what the disk made of it shows only when it runs. */
  NOT_READ_BACK(CrashStory.BAD_SECTOR) {
    @Override
    public SlotDevice device(SlotDevice device) {
      return new ForwardingSlotDevice(device) {
        @Override
        public void readBack(Slot slot, PatchComponent component, Pacer pacer) {}
      };
    }
  },
  /** A flush that failed counts as one that did not. */
  FLUSH_ERROR_SWALLOWED(CrashStory.FAILING_FLUSH) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new WithSync(
          files,
          file -> {
            try {
              file.sync();
            } catch (DeviceException e) {
              // The mistake.
            }
          });
    }
  },
  /** A flush that failed is tried again, and succeeds: the kernel has dropped what it was about. */
  FLUSH_TRIED_AGAIN(CrashStory.FAILING_FLUSH) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new WithSync(
          files,
          file -> {
            try {
              file.sync();
            } catch (DeviceException e) {
              file.sync();
            }
          });
    }
  },
  /** The record is written to a cache, and from there with the next one. */
  RECORD_NOT_FLUSHED(CrashStory.INSTALL) {
    @Override
    public RecordMedium medium(RecordMedium medium) {
      byte[][] cached = new byte[RecordMedium.COPIES][];
      return new RecordMedium() {
        @Override
        public byte[] read(int copy) throws DeviceException {
          return cached[copy] == null ? medium.read(copy) : cached[copy].clone();
        }

        @Override
        public void write(int copy, byte[] bytes) throws DeviceException {
          for (int one = 0; one < COPIES && cached[copy] != null; one++) {
            byte[] before = cached[one];
            if (before != null) {
              medium.write(one, before);
            }
          }
          cached[copy] = bytes.clone();
        }
      };
    }
  },
  /** Outcomes count as reported when they were handed over, not when somebody has them. */
  REPORT_NOT_AWAITED(CrashStory.FAILING_HEALTH) {
    @Override
    public ReportSink reports(ReportSink reports) {
      return new ReportSink() {
        @Override
        public boolean connected() {
          return reports.connected();
        }

        @Override
        public long connects() {
          return reports.connects();
        }

        @Override
        public void publish(Report report, byte[] document) {}
      };
    }
  },
  /** A phase is written as its place in the source code. */
  PHASE_BY_ORDINAL(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new ChangedJournal(
          files,
          state ->
              state
                  .attempt()
                  .map(
                      one ->
                          state.with(one.in(Phase.ofNumber(Math.max(1, one.phase().number() - 1)))))
                  .orElse(state));
    }
  },
  /** Only the newest bad patch is remembered, until something else is written. */
  HELD_FORGOTTEN(CrashStory.FAILING_HEALTH) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new ChangedJournal(
          files,
          state ->
              new JournalState(
                  state.baseline(),
                  state.lastNumber(),
                  state.attempt(),
                  state.outcomes(),
                  Collections.emptyList(),
                  state.probations()));
    }
  },
  /** That a level is on probation is known until the next start. */
  PROBATION_NOT_SAVED(CrashStory.LIVE_PROBATION) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new ChangedJournal(
          files,
          state ->
              new JournalState(
                  state.baseline(),
                  state.lastNumber(),
                  state.attempt(),
                  state.outcomes(),
                  state.held(),
                  Collections.emptyList()));
    }
  },
  /** Where the attempt stands is remembered in the journal after the record, never before. */
  ARMED_WITHOUT_COUNTING(CrashStory.HANGING) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new ChangedJournal(
          files,
          state ->
              state
                  .attempt()
                  .filter(one -> one.phase() == Phase.ARMING || one.phase() == Phase.ARMED)
                  .map(one -> state.with(one.in(Phase.STAGED)))
                  .orElse(state));
    }
  },
  /** The floor is raised first, and then the level is confirmed. */
  FLOOR_RAISED_TOO_EARLY(CrashStory.FLOOR_RAISED) {
    @Override
    public BootControl bootControl(BootControl bootControl, DurableFiles state) {
      MetadataStore store = new MetadataStore(state, TrustState.BYTES_MAX);
      return new ChangedRecord(bootControl) {
        @Override
        ActivationRecord changed(ActivationRecord old, ActivationRecord next) {
          if (old.trial().isPresent() && old.trial().get() == next.active()) {
            raiseFloor(store, new Level("b"));
          }
          return next;
        }
      };
    }
  },
  /** What the device believes is there once. */
  TRUST_SINGLE_COPY(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new Renamed(files, path -> path.replace("trust.1", "trust.0"));
    }
  },
  /** What the device believes is never synced. */
  TRUST_NOT_SYNCED(CrashStory.INSTALL) {
    @Override
    public DurableFiles state(DurableFiles files) {
      return new WithoutFileSync(files, path -> path.startsWith("trust."));
    }
  };

  private final CrashStory story;

  PlantedBug(CrashStory story) {
    this.story = story;
  }

  /** The story that must not end well with it. */
  CrashStory story() {
    return story;
  }

  private static boolean isValid(byte[] copy) {
    try {
      ActivationRecordCodec.decode(copy);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void raiseFloor(MetadataStore store, Level level) {
    try {
      TrustState known = TrustState.decode(store.load().content().orElseThrow());
      TrustState.Floor floor = new TrustState.Floor(SimPublisher.BASELINE, level, false);
      store.save(known.with(known.marks().raised(floor)).encode());
    } catch (DeviceException | RetryableException e) {
      throw new AssertionError("the disk of this story has no faults", e);
    }
  }

  /** Passes every call on. */
  private abstract static class PassedOn implements DurableFiles {
    final DurableFiles files;

    PassedOn(DurableFiles files) {
      this.files = files;
    }

    @Override
    public Optional<byte[]> read(String path, int bytesMax)
        throws DeviceException, RetryableException {
      return files.read(path, bytesMax);
    }

    @Override
    public long size(String path) throws DeviceException, RetryableException {
      return files.size(path);
    }

    @Override
    public ReadableFile open(String path) throws DeviceException, RetryableException {
      return files.open(path);
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      return files.create(path);
    }

    @Override
    public RewritableFile reopen(String path) throws DeviceException, RetryableException {
      return files.reopen(path);
    }

    @Override
    public void rename(String from, String to) throws DeviceException, RetryableException {
      files.rename(from, to);
    }

    @Override
    public void delete(String path) throws DeviceException, RetryableException {
      files.delete(path);
    }

    @Override
    public void makeDirectory(String path) throws DeviceException, RetryableException {
      files.makeDirectory(path);
    }

    @Override
    public List<String> list(String directory) throws DeviceException, RetryableException {
      return files.list(directory);
    }

    @Override
    public void syncDirectory(String directory) throws DeviceException, RetryableException {
      files.syncDirectory(directory);
    }

    @Override
    public long usableBytes() throws DeviceException, RetryableException {
      return files.usableBytes();
    }
  }

  /** What is done to flush a file. */
  @FunctionalInterface
  private interface Flush {
    void flush(WritableFile file) throws DeviceException, RetryableException;
  }

  /** Flushes files in its own way. */
  private static class WithSync extends PassedOn {
    private final Flush flush;

    WithSync(DurableFiles files, Flush flush) {
      super(files);
      this.flush = flush;
    }

    boolean isChanged(String path) {
      return true;
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      WritableFile file = files.create(path);
      return isChanged(path) ? new Flushed<>(file, flush) : file;
    }

    @Override
    public RewritableFile reopen(String path) throws DeviceException, RetryableException {
      RewritableFile file = files.reopen(path);
      return isChanged(path) ? new FlushedAgain(file, flush) : file;
    }
  }

  /** A file that is flushed in another way. */
  private static class Flushed<F extends WritableFile> implements WritableFile {
    final F file;
    private final Flush flush;

    Flushed(F file, Flush flush) {
      this.file = file;
      this.flush = flush;
    }

    @Override
    public void write(long position, byte[] source, int offset, int length)
        throws DeviceException, RetryableException {
      file.write(position, source, offset, length);
    }

    @Override
    public void sync() throws DeviceException, RetryableException {
      flush.flush(file);
    }

    @Override
    public void close() {
      file.close();
    }
  }

  private static final class FlushedAgain extends Flushed<RewritableFile>
      implements RewritableFile {
    FlushedAgain(RewritableFile file, Flush flush) {
      super(file, flush);
    }

    @Override
    public long size() throws DeviceException {
      return file.size();
    }

    @Override
    public int read(long position, byte[] target, int offset, int length) throws DeviceException {
      return file.read(position, target, offset, length);
    }

    @Override
    public void truncate(long bytes) throws DeviceException, RetryableException {
      file.truncate(bytes);
    }
  }

  private static final class WithoutFileSync extends WithSync {
    private final Predicate<String> which;

    WithoutFileSync(DurableFiles files, Predicate<String> which) {
      super(files, file -> {});
      this.which = which;
    }

    @Override
    boolean isChanged(String path) {
      return which.test(path);
    }
  }

  /** Writes another journal than it is told to. */
  private static final class ChangedJournal extends PassedOn {
    private final UnaryOperator<JournalState> change;

    ChangedJournal(DurableFiles files, UnaryOperator<JournalState> change) {
      super(files);
      this.change = change;
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      WritableFile file = files.create(path);
      if (!path.startsWith("journal")) {
        return file;
      }
      return new WritableFile() {
        @Override
        public void write(long position, byte[] source, int offset, int length)
            throws DeviceException, RetryableException {
          byte[] changed =
              JournalBytes.changed(Arrays.copyOfRange(source, offset, offset + length), change);
          file.write(position, changed, 0, changed.length);
        }

        @Override
        public void sync() throws DeviceException, RetryableException {
          file.sync();
        }

        @Override
        public void close() {
          file.close();
        }
      };
    }
  }

  /** Uses other names than it is told to, for files. */
  private static final class Renamed extends PassedOn {
    private final UnaryOperator<String> name;

    Renamed(DurableFiles files, UnaryOperator<String> name) {
      super(files);
      this.name = name;
    }

    @Override
    public Optional<byte[]> read(String path, int bytesMax)
        throws DeviceException, RetryableException {
      return files.read(name.apply(path), bytesMax);
    }

    @Override
    public long size(String path) throws DeviceException, RetryableException {
      return files.size(name.apply(path));
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      return files.create(name.apply(path));
    }

    @Override
    public void rename(String from, String to) throws DeviceException, RetryableException {
      files.rename(name.apply(from), name.apply(to));
    }
  }

  private static final class WithoutDirectorySync extends PassedOn {
    WithoutDirectorySync(DurableFiles files) {
      super(files);
    }

    @Override
    public void syncDirectory(String directory) {}
  }

  private static final class InPlace extends PassedOn {
    InPlace(DurableFiles files) {
      super(files);
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      return files.create(
          path.endsWith(AtomicFiles.ASIDE)
              ? path.substring(0, path.length() - AtomicFiles.ASIDE.length())
              : path);
    }

    @Override
    public void rename(String from, String to) throws DeviceException, RetryableException {
      if (!from.endsWith(AtomicFiles.ASIDE)) {
        files.rename(from, to);
      }
    }
  }

  /** Stores another record than it is told to. */
  private abstract static class ChangedRecord implements BootControl {
    private final BootControl real;

    ChangedRecord(BootControl real) {
      this.real = real;
    }

    abstract ActivationRecord changed(ActivationRecord old, ActivationRecord next);

    @Override
    public ActivationRecord load() throws DeviceException {
      return real.load();
    }

    @Override
    public void store(ActivationRecord record) throws DeviceException {
      real.store(changed(real.load(), record));
    }

    @Override
    public byte[] raw() throws DeviceException {
      return real.raw();
    }
  }
}
