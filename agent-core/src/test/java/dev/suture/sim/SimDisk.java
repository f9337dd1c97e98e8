package dev.suture.sim;

import dev.suture.durable.AtomicFiles;
import dev.suture.durable.DurableFiles;
import dev.suture.durable.ReadableFile;
import dev.suture.durable.RewritableFile;
import dev.suture.durable.WritableFile;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RetryableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory with a volatile write cache. It is stricter than real ones: the sync of a file
 * says nothing about its name, unsynced names and sectors are lost, kept or torn independently of
 * each other and of their order, and what a failed sync left behind never gets to the disk by a
 * later one. When the power is cut, {@link #powerOn} says what became of the cache.
 */
public final class SimDisk implements DurableFiles {
  /** What is written as a whole or not at all. */
  public static final int SECTOR_BYTES = 512;

  private static final long AMPLE_BYTES = 32L << 20;

  /** What a disk is asked to do. */
  public enum Operation {
    READ,
    OPEN,
    REOPEN,
    CREATE,
    WRITE,
    SYNC,
    RENAME,
    DELETE,
    MAKE_DIRECTORY,
    LIST,
    SYNC_DIRECTORY
  }

  /** Decides which calls fail. */
  @FunctionalInterface
  public interface Fault {
    /** The failure of this call, if it fails. */
    Optional<FailureCode> on(Operation operation, String path);

    /** The n-th of these calls fails, once. */
    static Fault nth(int n, Operation which, Predicate<String> where, FailureCode code) {
      int[] left = {n};
      return (operation, path) ->
          operation == which && where.test(path) && --left[0] == 0
              ? Optional.of(code)
              : Optional.empty();
    }
  }

  /**
   * A part of what one operation changes in a file; without {@code bytes} the file is cut at this
   * position.
   */
  private record Change(long operation, long position, @Nullable Bytes bytes) {}

  /** What one operation changes among names; no value: the name is removed. */
  private record NameChange(
      long operation, String directory, Map<String, Optional<Content>> names) {}

  /** A file, whatever its name. No array is changed once it is in here. */
  private static final class Content {
    Bytes durable = Bytes.NONE;
    byte[] cached = Bytes.NONE.array();
    final List<Change> unsynced = new ArrayList<>();
  }

  private final SimPower power;
  private final SortedMap<String, Content> names = new TreeMap<>();
  private final SortedMap<String, Content> durableNames = new TreeMap<>();
  private final SortedSet<String> directories = new TreeSet<>();
  private final List<NameChange> unsyncedNames = new ArrayList<>();
  private final List<Long> unsyncedDirectories = new ArrayList<>();
  private final List<String> unsyncedDirectoryPaths = new ArrayList<>();
  private Fault fault = (operation, path) -> Optional.empty();
  private Predicate<String> bad = path -> false;
  private long capacityBytes = 64L << 20;
  private boolean readOnly;
  private int openFiles;
  private final Set<String> damaged = new HashSet<>();
  private final Set<String> changedByHand = new HashSet<>();
  private @Nullable Witness witness;
  private final Map<String, Bytes> initial = new HashMap<>();
  private final Set<String> known = new HashSet<>();
  private final Set<String> overwritten = new HashSet<>();

  /** An empty disk. */
  public SimDisk(SimPower power) {
    this.power = power;
  }

  /** The same disk, cache included, in another device. Faults are not copied. */
  public SimDisk copy(SimPower other) {
    SimDisk copy = new SimDisk(other);
    IdentityHashMap<Content, Content> contents = new IdentityHashMap<>();
    names.forEach((path, content) -> copy.names.put(path, copied(content, contents)));
    durableNames.forEach((path, content) -> copy.durableNames.put(path, copied(content, contents)));
    for (NameChange change : unsyncedNames) {
      Map<String, Optional<Content>> changed = new HashMap<>();
      change.names.forEach(
          (path, content) -> changed.put(path, content.map(one -> copied(one, contents))));
      copy.unsyncedNames.add(new NameChange(change.operation, change.directory, changed));
    }
    copy.directories.addAll(directories);
    copy.unsyncedDirectories.addAll(unsyncedDirectories);
    copy.unsyncedDirectoryPaths.addAll(unsyncedDirectoryPaths);
    copy.damaged.addAll(damaged);
    copy.changedByHand.addAll(changedByHand);
    copy.capacityBytes = capacityBytes;
    copy.readOnly = readOnly;
    return copy;
  }

  private static Content copied(Content content, IdentityHashMap<Content, Content> known) {
    return known.computeIfAbsent(
        content,
        original -> {
          Content copy = new Content();
          copy.durable = original.durable;
          copy.cached = original.cached;
          copy.unsynced.addAll(original.unsynced);
          return copy;
        });
  }

  /** What calls fail from now on. */
  public void fault(Fault next) {
    fault = next;
  }

  /** No call fails any more. */
  public void noFault() {
    fault = (operation, path) -> Optional.empty();
  }

  /** Files with a bad sector: every write and sync succeeds, but the disk gives other bytes. */
  public void badSectorIn(Predicate<String> files) {
    bad = files;
  }

  /** A file loses a bit, durably, until it is written anew. */
  public void damage(String path, int position) {
    byte[] bytes = durable(path).orElseThrow().clone();
    bytes[position] ^= 0x10;
    put(path, bytes);
    damaged.add(path);
  }

  /** A file loses a bit, durably, but programs still see it, until the power fails. */
  public void damageBelowCache(String path, int position) {
    Content content = Objects.requireNonNull(names.get(path));
    byte[] bytes = content.durable.array().clone();
    bytes[position] ^= 0x10;
    content.durable = new Bytes(bytes);
    changedByHand.add(path);
    damaged.add(path);
  }

  /** Whether a test has ever put a file here, or taken it away. */
  boolean isChangedByHand(String path) {
    return changedByHand.contains(path);
  }

  /** Whether a test damaged this file, and nobody has written it since. */
  boolean isDamaged(String path) {
    return damaged.contains(path);
  }

  private byte[] fromDisk(String path, byte[] written) {
    if (!bad.test(path) || written.length == 0) {
      return written;
    }
    byte[] read = written.clone();
    read[read.length / 2] ^= 0x10;
    return read;
  }

  /** How many bytes files can have together. */
  public void capacity(long bytes) {
    capacityBytes = bytes;
  }

  /** Whether every change is refused. */
  public void readOnly(boolean refused) {
    readOnly = refused;
  }

  /** How many files are open. */
  public int openFiles() {
    return openFiles;
  }

  /** A restart: everything gets to the disk, but not what a failed sync left behind. */
  public void syncAll() {
    for (NameChange change : unsyncedNames) {
      land(change);
    }
    unsyncedNames.clear();
    for (Content content : names.values()) {
      settle(content, CacheFate.landed());
    }
    openFiles = 0;
  }

  /** Power again, after a cut: the cache is gone, and had this fate. */
  public void powerOn(CacheFate fate) {
    for (int i = 0; i < unsyncedDirectories.size(); i++) {
      if (!fate.lands(CacheFate.Kind.NAME, unsyncedDirectories.get(i), 0)) {
        directories.remove(unsyncedDirectoryPaths.get(i));
      }
    }
    unsyncedDirectories.clear();
    unsyncedDirectoryPaths.clear();
    for (NameChange change : unsyncedNames) {
      if (fate.lands(CacheFate.Kind.NAME, change.operation, 0)) {
        land(change);
      }
    }
    unsyncedNames.clear();
    for (Content content : durableNames.values()) {
      settle(content, fate);
    }
    names.clear();
    names.putAll(durableNames);
    openFiles = 0;
    forgetWhatWasLost();
  }

  private static void settle(Content content, CacheFate fate) {
    if (!content.unsynced.isEmpty()) {
      content.durable = applied(content.durable, content.unsynced, fate);
      content.unsynced.clear();
    }
    content.cached = content.durable.array();
  }

  /** What the power would find unsynced if it failed now, in a fixed order. */
  public List<CacheFate.Part> unsynced() {
    List<CacheFate.Part> parts = new ArrayList<>();
    for (long operation : unsyncedDirectories) {
      parts.add(new CacheFate.Part(CacheFate.Kind.NAME, operation, 0));
    }
    Set<Content> files = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Content> ordered = new ArrayList<>();
    durableNames.values().stream().filter(files::add).forEach(ordered::add);
    for (NameChange change : unsyncedNames) {
      parts.add(new CacheFate.Part(CacheFate.Kind.NAME, change.operation, 0));
      for (Optional<Content> content : change.names.values()) {
        content.filter(files::add).ifPresent(ordered::add);
      }
    }
    for (Content content : ordered) {
      for (Change change : content.unsynced) {
        addParts(change, parts);
      }
    }
    return parts;
  }

  private static void addParts(Change change, List<CacheFate.Part> parts) {
    Bytes content = change.bytes;
    if (content == null) {
      parts.add(new CacheFate.Part(CacheFate.Kind.LENGTH, change.operation, 0));
      return;
    }
    long last = (change.position + content.array().length - 1) / SECTOR_BYTES;
    for (long sector = change.position / SECTOR_BYTES; sector <= last; sector++) {
      parts.add(new CacheFate.Part(CacheFate.Kind.SECTOR, change.operation, sector));
    }
  }

  private void land(NameChange change) {
    change.names.forEach(
        (path, content) -> {
          if (content.isPresent()) {
            durableNames.put(path, content.get());
          } else {
            durableNames.remove(path);
          }
        });
  }

  private static Bytes applied(Bytes before, List<Change> changes, CacheFate fate) {
    byte[] after = before.array();
    boolean isOwn = false;
    for (Change change : changes) {
      if (change.bytes == null) {
        if (fate.lands(CacheFate.Kind.LENGTH, change.operation, 0)) {
          after = Arrays.copyOf(after, (int) Math.min(after.length, change.position));
          isOwn = true;
        }
        continue;
      }
      byte[] bytes = change.bytes.array();
      int done = 0;
      while (done < bytes.length) {
        long at = change.position + done;
        int length = (int) Math.min(bytes.length - done, SECTOR_BYTES - at % SECTOR_BYTES);
        if (fate.lands(CacheFate.Kind.SECTOR, change.operation, at / SECTOR_BYTES)) {
          int end = (int) at + length;
          if (!isOwn || end > after.length) {
            after = Arrays.copyOf(after, Math.max(after.length, end));
            isOwn = true;
          }
          System.arraycopy(bytes, done, after, (int) at, length);
        }
        done += length;
      }
    }
    return isOwn ? new Bytes(after) : before;
  }

  private static byte[] written(byte[] before, long at, byte[] source, int offset, int length) {
    byte[] after = Arrays.copyOf(before, (int) Math.max(before.length, at + length));
    System.arraycopy(source, offset, after, (int) at, length);
    return after;
  }

  /** Tells this witness what is seen of the disk as it is now, from now on. */
  void watch(Witness next) {
    witness = next;
    known.clear();
    overwritten.clear();
    initial.clear();
    durableNames.forEach((path, content) -> initial.put(path, content.durable));
  }

  private void see(String path) {
    if (witness != null && known.add(path)) {
      witness.saw(new Question.File(path), answer(initial.get(path)));
    }
  }

  private void seeDirectory(String path) {
    if (witness != null && known.add(path + "/")) {
      witness.saw(new Question.Directory(path), directories.contains(path));
    }
  }

  private void overwrite(String path) {
    damaged.remove(path);
    if (witness != null && known.add(path)) {
      overwritten.add(path);
    }
  }

  /** What was overwritten, but lost again, is as it was at the beginning: the same object. */
  @SuppressWarnings("ReferenceEquality")
  private void forgetWhatWasLost() {
    if (witness == null) {
      return;
    }
    for (Iterator<String> all = overwritten.iterator(); all.hasNext(); ) {
      String path = all.next();
      Content content = durableNames.get(path);
      if (initial.get(path) == (content == null ? null : content.durable)) {
        known.remove(path);
        all.remove();
      }
    }
  }

  private static Object answer(@Nullable Bytes bytes) {
    return bytes == null ? "none" : bytes;
  }

  /** The answer to {@link Question.File}. */
  Object file(String path) {
    Content content = durableNames.get(path);
    return answer(content == null ? null : content.durable);
  }

  /** The answer to {@link Question.Directory}. */
  boolean hasDirectory(String path) {
    return directories.contains(path);
  }

  /** The answer to {@link Question.Names}. */
  List<String> names(String directory, Set<String> without) {
    List<String> found = new ArrayList<>();
    for (String path : durableNames.keySet()) {
      if (AtomicFiles.directoryOf(path).equals(directory) && !without.contains(path)) {
        found.add(path);
      }
    }
    for (String path : directories) {
      if (AtomicFiles.directoryOf(path).equals(directory) && !without.contains(path + "/")) {
        found.add(path + "/");
      }
    }
    return found;
  }

  /** What is on the disk, all of it, in a fixed order: the same state gives the same text. */
  public Map<String, byte[]> durable() {
    Map<String, byte[]> all = new TreeMap<>();
    durableNames.forEach((path, content) -> all.put(path, content.durable.array().clone()));
    for (String directory : directories) {
      all.put(directory + "/", new byte[0]);
    }
    return all;
  }

  /** Feeds all that is on the disk, in a fixed order. */
  void identify(StateId.Builder id) {
    durableNames.forEach((path, content) -> id.add(path, content.durable));
    for (String directory : directories) {
      id.add(directory + "/", Bytes.NONE);
    }
  }

  /** Feeds all that is on the disk or on its way there, in a fixed order. */
  void identifyWithCache(StateId.Builder id) {
    IdentityHashMap<Content, Integer> numbers = new IdentityHashMap<>();
    durableNames.forEach((path, content) -> identify(path, content, numbers, id));
    directories.forEach(directory -> id.add(directory + "/", Bytes.NONE));
    unsyncedDirectoryPaths.forEach(path -> id.add("made " + path, Bytes.NONE));
    damaged.forEach(path -> id.add("damaged " + path, Bytes.NONE));
    for (NameChange change : unsyncedNames) {
      id.add(change.operation - power.operations());
      new TreeMap<>(change.names)
          .forEach(
              (path, content) -> {
                if (content.isPresent()) {
                  identify(path, content.get(), numbers, id);
                } else {
                  id.add("no " + path, Bytes.NONE);
                }
              });
    }
  }

  private void identify(
      String path, Content content, IdentityHashMap<Content, Integer> numbers, StateId.Builder id) {
    Integer known = numbers.putIfAbsent(content, numbers.size());
    if (known != null) {
      id.add("as " + known + " " + path, Bytes.NONE);
      return;
    }
    id.add(path, content.durable);
    for (Change change : content.unsynced) {
      id.add(change.operation - power.operations());
      id.add(change.position);
      id.add("to", change.bytes == null ? Bytes.NONE : change.bytes);
    }
    if (content.unsynced.isEmpty() && !Arrays.equals(content.cached, content.durable.array())) {
      id.add("seen", new Bytes(content.cached));
    }
  }

  /**
   * A file as a read past every cache gives it: unsynced content included, because such a read
   * writes it first, but not what a failed sync left behind.
   */
  public Optional<byte[]> readPastCache(String path) {
    power.require();
    see(path);
    Content content = names.get(path);
    if (content == null) {
      return Optional.empty();
    }
    return Optional.of(
        fromDisk(path, applied(content.durable, content.unsynced, CacheFate.landed()).array()));
  }

  /** Puts a file on the disk, durably and under no account. */
  public void put(String path, byte[] bytes) {
    changedByHand.add(path);
    Content content = new Content();
    content.durable = new Bytes(bytes.clone());
    content.cached = content.durable.array();
    names.put(path, content);
    durableNames.put(path, content);
    addDirectories(AtomicFiles.directoryOf(path));
  }

  /** Takes a file from the disk, durably and under no account. */
  public void remove(String path) {
    changedByHand.add(path);
    names.remove(path);
    durableNames.remove(path);
  }

  private void addDirectories(String path) {
    if (!path.isEmpty() && directories.add(path)) {
      addDirectories(AtomicFiles.directoryOf(path));
    }
  }

  /** A file as a program reads it; not to be changed. */
  public Optional<byte[]> cached(String path) {
    see(path);
    return Optional.ofNullable(names.get(path)).map(content -> content.cached);
  }

  /** A file as it is when the power fails now and the cache is lost. */
  public Optional<byte[]> durable(String path) {
    see(path);
    return Optional.ofNullable(durableNames.get(path))
        .map(content -> fromDisk(path, content.durable.array()));
  }

  /** The files below a directory of this disk. */
  public DurableFiles below(String directory) {
    addDirectories(directory);
    return new Below(this, directory);
  }

  @Override
  public Optional<byte[]> read(String path, int bytesMax)
      throws DeviceException, RetryableException {
    begin(Operation.READ, path);
    see(path);
    Content content = names.get(path);
    if (content == null) {
      return Optional.empty();
    }
    if (content.cached.length > bytesMax) {
      throw new DeviceException(
          FailureCode.STORAGE_IO,
          "read "
              + path
              + ": expected at most "
              + bytesMax
              + " bytes, got "
              + content.cached.length);
    }
    return Optional.of(content.cached.clone());
  }

  @Override
  public long size(String path) {
    power.require();
    see(path);
    Content content = names.get(path);
    return content == null ? -1 : content.cached.length;
  }

  @Override
  public ReadableFile open(String path) throws DeviceException, RetryableException {
    begin(Operation.OPEN, path);
    return new OpenFile(path, existing(path));
  }

  @Override
  public RewritableFile reopen(String path) throws DeviceException, RetryableException {
    begin(Operation.REOPEN, path);
    return new OpenFile(path, existing(path));
  }

  private Content existing(String path) throws DeviceException {
    see(path);
    Content content = names.get(path);
    if (content == null) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "open " + path + ": expected a file, got none");
    }
    return content;
  }

  @Override
  public WritableFile create(String path) throws DeviceException, RetryableException {
    beginChange(Operation.CREATE, path);
    requireDirectoryOf(path);
    overwrite(path);
    Content content = names.get(path);
    long number = power.operations() + 1;
    if (content == null) {
      content = new Content();
      names.put(path, content);
      change(number, AtomicFiles.directoryOf(path), path, content);
    } else {
      content.unsynced.add(new Change(number, 0, null));
      content.cached = new byte[0];
    }
    power.operation("create " + path);
    return new OpenFile(path, content);
  }

  @Override
  public void rename(String from, String to) throws DeviceException, RetryableException {
    beginChange(Operation.RENAME, from);
    String directory = AtomicFiles.directoryOf(from);
    if (!directory.equals(AtomicFiles.directoryOf(to))) {
      throw new IllegalArgumentException(
          "rename " + from + " to " + to + ": this disk does not do it across directories");
    }
    Content content = existing(from);
    overwrite(to);
    names.remove(from);
    names.put(to, content);
    Map<String, Optional<Content>> changed = new HashMap<>();
    changed.put(from, Optional.empty());
    changed.put(to, Optional.of(content));
    unsyncedNames.add(new NameChange(power.operations() + 1, directory, changed));
    power.operation("rename " + from + " to " + to);
  }

  @Override
  public void delete(String path) throws DeviceException, RetryableException {
    beginChange(Operation.DELETE, path);
    overwrite(path);
    if (names.remove(path) != null) {
      change(power.operations() + 1, AtomicFiles.directoryOf(path), path, null);
      power.operation("delete " + path);
    }
  }

  private void change(long number, String directory, String path, @Nullable Content content) {
    Map<String, Optional<Content>> changed = new HashMap<>();
    changed.put(path, Optional.ofNullable(content));
    unsyncedNames.add(new NameChange(number, directory, changed));
  }

  @Override
  public void makeDirectory(String path) throws DeviceException, RetryableException {
    for (String one = path; !one.isEmpty(); one = AtomicFiles.directoryOf(one)) {
      known.add(one + "/"); // From now on it is there, whether it was before or not.
    }
    if (directories.contains(path)) {
      power.require();
      return;
    }
    beginChange(Operation.MAKE_DIRECTORY, path);

    String parent = AtomicFiles.directoryOf(path);
    if (!parent.isEmpty()) {
      makeDirectory(parent);
    }
    directories.add(path);
    unsyncedDirectories.add(power.operations() + 1);
    unsyncedDirectoryPaths.add(path);
    power.operation("make directory " + path);
    unsyncedDirectories.clear();
    unsyncedDirectoryPaths.clear();
  }

  @Override
  public List<String> list(String directory) throws DeviceException, RetryableException {
    begin(Operation.LIST, directory);
    seeDirectory(directory);
    if (witness != null) {
      Set<String> without = new TreeSet<>(known);
      without.removeIf(path -> !path.startsWith(directory + "/"));
      witness.saw(new Question.Names(directory, without), names(directory, without));
    }
    List<String> found = new ArrayList<>();
    for (String path : names.keySet()) {
      if (AtomicFiles.directoryOf(path).equals(directory)) {
        found.add(lastOf(path));
      }
    }
    for (String path : directories) {
      if (AtomicFiles.directoryOf(path).equals(directory)) {
        found.add(lastOf(path));
      }
    }
    found.sort(null);
    return found;
  }

  private static String lastOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public void syncDirectory(String directory) throws DeviceException, RetryableException {
    begin(Operation.SYNC_DIRECTORY, directory);
    seeDirectory(directory);
    if (!directory.isEmpty() && !directories.contains(directory)) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "sync " + directory + ": expected a directory, got none");
    }
    power.operation("sync directory " + directory);
    for (Iterator<NameChange> all = unsyncedNames.iterator(); all.hasNext(); ) {
      NameChange change = all.next();
      if (change.directory.equals(directory)) {
        land(change);
        all.remove();
      }
    }
  }

  @Override
  public long usableBytes() {
    power.require();
    long usable = Math.max(0, capacityBytes - usedBytes());
    // Told apart only when there is little, so that a forgotten file does not make a state its own.
    return usable < AMPLE_BYTES ? usable : AMPLE_BYTES;
  }

  private long usedBytes() {
    long used = 0;
    for (Content content : names.values()) {
      used += content.cached.length;
    }
    return used;
  }

  private void requireDirectoryOf(String path) throws DeviceException {
    String directory = AtomicFiles.directoryOf(path);
    seeDirectory(directory);
    if (!directory.isEmpty() && !directories.contains(directory)) {
      throw new DeviceException(
          FailureCode.STORAGE_IO, "create " + path + ": expected its directory, got none");
    }
  }

  private void beginChange(Operation operation, String path)
      throws DeviceException, RetryableException {
    power.require();
    if (readOnly) {
      throw new DeviceException(
          FailureCode.STORAGE_READ_ONLY, operation + " " + path + ": read-only file system");
    }
    begin(operation, path);
  }

  private void begin(Operation operation, String path) throws DeviceException, RetryableException {
    power.require();
    Optional<FailureCode> failure = fault.on(operation, path);
    if (failure.isPresent()) {
      String message = operation + " " + path + ": failed as it was told to";
      if (failure.get() == FailureCode.DISK_FULL) {
        throw new RetryableException(FailureCode.DISK_FULL, message);
      }
      throw new DeviceException(failure.get(), message);
    }
  }

  /** One open file; not usable after a power cut. */
  private final class OpenFile implements RewritableFile {
    private final String path;
    private final Content content;
    private final int period = power.period();
    private boolean isOpen = true;

    OpenFile(String path, Content content) {
      this.path = path;
      this.content = content;
      openFiles++;
    }

    private void requireOpen() {
      power.require();
      if (!isOpen || period != power.period()) {
        throw new IllegalStateException(path + ": expected an open file, it is closed");
      }
    }

    @Override
    public long size() {
      requireOpen();
      return content.cached.length;
    }

    @Override
    public int read(long position, byte[] target, int offset, int length) throws DeviceException {
      requireOpen();
      try {
        begin(Operation.READ, path);
      } catch (RetryableException e) {
        throw new DeviceException(e.code(), e.explanation(), e);
      }
      int n = (int) Math.max(0, Math.min(length, content.cached.length - position));
      System.arraycopy(
          content.cached, (int) Math.min(position, content.cached.length), target, offset, n);
      return n;
    }

    @Override
    public void write(long position, byte[] source, int offset, int length)
        throws DeviceException, RetryableException {
      requireOpen();
      beginChange(Operation.WRITE, path);
      if (length == 0) {
        return;
      }
      long more = Math.max(0, position + length - content.cached.length);
      if (usedBytes() + more > capacityBytes) {
        throw new RetryableException(
            FailureCode.DISK_FULL, "write " + path + ": no space left on " + capacityBytes);
      }
      damaged.remove(path);
      byte[] bytes = Arrays.copyOfRange(source, offset, offset + length);
      content.unsynced.add(new Change(power.operations() + 1, position, new Bytes(bytes)));
      content.cached = written(content.cached, position, bytes, 0, length);
      power.operation("write " + length + " bytes at " + position + " of " + path);
    }

    @Override
    public void truncate(long bytes) throws DeviceException, RetryableException {
      requireOpen();
      beginChange(Operation.WRITE, path);
      if (bytes >= content.cached.length) {
        return;
      }
      content.unsynced.add(new Change(power.operations() + 1, bytes, null));
      content.cached = Arrays.copyOf(content.cached, (int) bytes);
      power.operation("cut " + path + " to " + bytes + " bytes");
    }

    @Override
    public void sync() throws DeviceException, RetryableException {
      requireOpen();
      try {
        beginChange(Operation.SYNC, path);
      } catch (DeviceException | RetryableException e) {
        content.unsynced.clear();
        throw e;
      }
      power.operation("sync " + path);
      content.durable = applied(content.durable, content.unsynced, CacheFate.landed());
      content.unsynced.clear();
    }

    @Override
    public void close() {
      if (isOpen && period == power.period()) {
        openFiles--;
      }
      isOpen = false;
    }
  }

  /** A directory of the disk as a root of its own. */
  private record Below(SimDisk disk, String directory) implements DurableFiles {
    private String path(String path) {
      return path.isEmpty() ? directory : directory + "/" + path;
    }

    @Override
    public Optional<byte[]> read(String path, int bytesMax)
        throws DeviceException, RetryableException {
      return disk.read(path(path), bytesMax);
    }

    @Override
    public long size(String path) {
      return disk.size(path(path));
    }

    @Override
    public ReadableFile open(String path) throws DeviceException, RetryableException {
      return disk.open(path(path));
    }

    @Override
    public WritableFile create(String path) throws DeviceException, RetryableException {
      return disk.create(path(path));
    }

    @Override
    public RewritableFile reopen(String path) throws DeviceException, RetryableException {
      return disk.reopen(path(path));
    }

    @Override
    public void rename(String from, String to) throws DeviceException, RetryableException {
      disk.rename(path(from), path(to));
    }

    @Override
    public void delete(String path) throws DeviceException, RetryableException {
      disk.delete(path(path));
    }

    @Override
    public void makeDirectory(String path) throws DeviceException, RetryableException {
      disk.makeDirectory(path(path));
    }

    @Override
    public List<String> list(String directory) throws DeviceException, RetryableException {
      return disk.list(path(directory));
    }

    @Override
    public void syncDirectory(String directory) throws DeviceException, RetryableException {
      disk.syncDirectory(path(directory));
    }

    @Override
    public long usableBytes() {
      return disk.usableBytes();
    }
  }
}
