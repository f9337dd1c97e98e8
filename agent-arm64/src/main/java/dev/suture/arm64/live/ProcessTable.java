package dev.suture.arm64.live;

import dev.suture.arm64.device.Mounts;
import dev.suture.arm64.linux.DeviceNumber;
import dev.suture.arm64.linux.Errno;
import dev.suture.arm64.linux.LinuxException;
import dev.suture.arm64.linux.ProcessFile;
import dev.suture.arm64.linux.Statx;
import dev.suture.arm64.linux.Uapi;
import dev.suture.live.OldCode;
import dev.suture.live.Processes;
import dev.suture.protocol.ComponentName;
import dev.suture.protocol.failure.DeviceException;
import dev.suture.protocol.failure.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The processes of this kernel, as proc(5) shows them: mappings, open files, program, working and
 * root directory, and what they see mounted. Everything is told by the number of the file system's
 * device. A process that does not want to be seen well is a failure, never clean.
 */
public final class ProcessTable implements Processes {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessTable.class);
  private static final Path PROC = Path.of("/proc");
  private static final String INIT = "1";
  private static final int ANCESTORS_MAX = 64;

  /** Field 22 of the line; the name, behind which we count, is field 2. */
  private static final int START_WORD = 19;

  /** What the kernel says of a process that ended between two calls. */
  private static final String GONE = "No such process";

  private final OldDevices oldDevices;
  private final Path proc;

  /** Processes that use one of these are on old code. */
  public ProcessTable(OldDevices oldDevices) {
    this(oldDevices, PROC);
  }

  ProcessTable(OldDevices oldDevices, Path proc) {
    this.oldDevices = oldDevices;
    this.proc = proc;
  }

  @Override
  public List<OldCode> oldCode() throws DeviceException {
    Set<DeviceNumber> old = oldDevices.now();
    return old.isEmpty() ? List.of() : usersOfDevices(old);
  }

  @Override
  public List<OldCode> usersOf(Set<ComponentName> components) throws DeviceException {
    Set<DeviceNumber> mounted = oldDevices.mountedFor(components);
    return mounted.isEmpty() ? List.of() : usersOf(new Look(mounted, false));
  }

  @Override
  public Optional<String> heldWithoutProcess() throws DeviceException {
    return oldDevices.leftOver();
  }

  /**
   * {@inheritDoc} Whoever has the number is taken hold of first, and then asked when he was
   * started: behind that the number means nothing any more.
   */
  @Override
  public void signal(OldCode process, Signal signal) {
    if (process.pid() <= 1 || process.pid() == ownPid()) {
      return;
    }
    try (ProcessFile file = ProcessFile.open(process.pid())) {
      if (isStill(process)) {
        file.signal(signal == Signal.KILL ? Uapi.SIGKILL : Uapi.SIGTERM);
      }
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOSYS || e.errno() == Errno.EPERM) {
        signalByHandle(process, signal);
      } else if (e.errno() != Errno.ESRCH) {
        LOG.warn("{}", e.getMessage());
      }
    }
  }

  /** Java compares the start itself, but just before it sends, and not while. */
  private void signalByHandle(OldCode process, Signal signal) {
    Optional<ProcessHandle> handle = ProcessHandle.of(process.pid());
    if (handle.isPresent() && isStill(process)) {
      boolean isSent =
          signal == Signal.KILL ? handle.get().destroyForcibly() : handle.get().destroy();
      if (!isSent) {
        LOG.warn("process {}, cannot be ended", process);
      }
    }
  }

  private boolean isStill(OldCode process) {
    try {
      return start(stat(proc.resolve(Integer.toString(process.pid())))) == process.start();
    } catch (IOException | IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public Agent agent() throws DeviceException {
    Path own = proc.resolve(Integer.toString(ownPid()));
    try {
      return new Agent(ownPid(), ancestors(own));
    } catch (IOException | IllegalArgumentException e) {
      throw unreadable(own, e);
    }
  }

  private static int ownPid() {
    return (int) ProcessHandle.current().pid();
  }

  /** Every process that uses one of these file systems, or sees it mounted. */
  List<OldCode> usersOfDevices(Set<DeviceNumber> devices) throws DeviceException {
    return usersOf(new Look(devices, true));
  }

  /** Every process that uses what this looks for. */
  private List<OldCode> usersOf(Look look) throws DeviceException {
    List<OldCode> users = new ArrayList<>();
    boolean isInitSeen = false;
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        isInitSeen |= process.endsWith(INIT);
        look.user(process).ifPresent(users::add);
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw unreadable(proc, e);
    }
    if (proc.equals(PROC) && !isInitSeen) {
      throw unreadable(PROC, new IOException("no process " + INIT + ": others are hidden"));
    }
    return users;
  }

  /**
   * What one process has to do with these file systems. One that ends while it is looked at uses
   * nothing any more.
   *
   * @param process its directory below {@code /proc}
   * @throws DeviceException {@code KERNEL_CALL_FAILED} if it cannot be looked at
   */
  public Optional<OldCode> user(Path process, Set<DeviceNumber> devices) throws DeviceException {
    return new Look(devices, true).user(process);
  }

  /** One look at processes; what is the same for several of them is looked at once. */
  private final class Look {
    private final Set<DeviceNumber> devices;
    private final boolean isMountedUse;
    private final Map<Path, Optional<String>> mountedIn = new HashMap<>();

    /**
     * For users of these file systems.
     *
     * @param isMountedUse whether who sees one mounted uses it, as with what should be gone
     */
    Look(Set<DeviceNumber> devices, boolean isMountedUse) {
      this.devices = devices;
      this.isMountedUse = isMountedUse;
    }

    /**
     * The start is asked for first: what is seen behind it is this process, or is not signalled.
     */
    Optional<OldCode> user(Path process) throws DeviceException {
      try {
        long start = start(stat(process));
        Optional<String> how = how(process);
        if (!how.isPresent()) {
          return Optional.empty();
        }
        int pid = Integer.parseInt(String.valueOf(process.getFileName()));
        OldCode user =
            new OldCode(pid, ancestors(process), name(process), how.get(), unit(process), start);
        return isGone(process) ? Optional.empty() : Optional.of(user);
      } catch (IOException
          | LinuxException
          | DirectoryIteratorException
          | IllegalArgumentException e) {
        if (isGone(process)) {
          return Optional.empty();
        }
        throw unreadable(process, e);
      }
    }

    /**
     * How a process uses it. Where its first thread has ended, the others still run, and are asked.
     */
    private Optional<String> how(Path process) throws IOException, LinuxException {
      Maps maps = Maps.of(process.resolve("maps"), devices);
      if (maps.isThere()) {
        return how(process, maps);
      }
      try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
        for (Path thread : threads) {
          Maps others = mapsOfThread(thread);
          if (others.isThere()) {
            return how(thread, others);
          }
        }
      }
      return Optional.empty();
    }

    /** A thread may end while it is looked at. */
    private Maps mapsOfThread(Path thread) throws IOException {
      try {
        return Maps.of(thread.resolve("maps"), devices);
      } catch (IOException e) {
        if (isGone(e)) {
          return Maps.NONE;
        }
        throw e;
      }
    }

    private Optional<String> how(Path process, Maps maps) throws IOException, LinuxException {
      if (maps.old().isPresent()) {
        return maps.old();
      }
      for (String link : List.of("exe", "cwd", "root")) {
        if (isOn(process.resolve(link))) {
          return Optional.of("has it as its " + link);
        }
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(process.resolve("fd"))) {
        for (Path file : files) {
          if (isOn(file)) {
            return Optional.of("has " + target(file) + " open");
          }
        }
      }
      if (!isMountedUse) {
        return Optional.empty();
      }
      Path nameSpace = Files.readSymbolicLink(process.resolve("ns/mnt"));
      Optional<String> known = mountedIn.get(nameSpace);
      if (known == null) {
        known = oldDevices.mountedIn(Mounts.tableOf(process), devices);
        mountedIn.put(nameSpace, known);
      }
      return known.map(place -> "sees it mounted at " + place);
    }

    /** Whether what a link of proc leads to is on one of the file systems. */
    private boolean isOn(Path link) throws LinuxException {
      try {
        return devices.contains(Statx.device(link.toString()));
      } catch (LinuxException e) {
        if (e.errno() == Errno.ENOENT) {
          return false; // A file that is closed meanwhile.
        }
        throw e;
      }
    }
  }

  /** For people. */
  private static String target(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException e) {
      return "a file"; // It is closed meanwhile, which the next look will see.
    }
  }

  private List<Integer> ancestors(Path process) throws IOException {
    List<Integer> ancestors = new ArrayList<>();
    Path at = process;
    while (ancestors.size() < ANCESTORS_MAX) {
      int parent;
      try {
        parent = parent(stat(at));
      } catch (NoSuchFileException e) {
        return ancestors;
      }
      if (parent == 0) {
        return ancestors;
      }
      ancestors.add(parent);
      at = proc.resolve(Integer.toString(parent));
    }
    return ancestors;
  }

  private static String stat(Path process) throws IOException {
    return Files.readString(process.resolve("stat"), StandardCharsets.ISO_8859_1);
  }

  /**
   * The parent in a line of {@code /proc/PID/stat}: {@code pid (name) state parent ...}, where the
   * name may hold anything, parentheses as well.
   */
  static int parent(String stat) {
    String[] words = behindName(stat).split(" ", 3);
    if (words.length < 3) {
      throw new IllegalArgumentException("stat: expected state and parent, got less");
    }
    return Integer.parseInt(words[1]);
  }

  /** When the process of such a line was started, in ticks since the start of the kernel. */
  static long start(String stat) {
    String[] words = behindName(stat).split(" ", START_WORD + 2);
    if (words.length <= START_WORD) {
      throw new IllegalArgumentException("stat: expected a time of start, got less");
    }
    return Long.parseLong(words[START_WORD].trim());
  }

  private static String behindName(String stat) {
    return stat.substring(stat.lastIndexOf(')') + 1).trim();
  }

  /** Nothing where the kernel has no control groups. */
  private static Optional<String> unit(Path process) throws IOException {
    try {
      return ControlGroup.service(
          Files.readString(process.resolve("cgroup"), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  private static String name(Path process) throws IOException {
    return Files.readString(process.resolve("comm"), StandardCharsets.ISO_8859_1).strip();
  }

  /**
   * Whether the kernel says so: of a process that may not be looked at it says something else. One
   * that has ended and waits for its parent to notice is gone if none of its threads is left.
   */
  private static boolean isGone(Path process) {
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(process.resolve("task"))) {
      for (Path thread : threads) {
        String state = behindName(stat(thread));
        if (!state.startsWith("Z") && !state.startsWith("X")) {
          return false;
        }
      }
      return true;
    } catch (IOException | DirectoryIteratorException e) {
      return isGone(e);
    }
  }

  private static boolean isGone(Exception e) {
    return e instanceof NoSuchFileException
        || e.getCause() instanceof NoSuchFileException
        || String.valueOf(e.getMessage()).endsWith(GONE);
  }

  private static DeviceException unreadable(Path path, Exception e) {
    return new DeviceException(
        FailureCode.KERNEL_CALL_FAILED,
        "look for old code: expected to read all of " + path + ", got " + e,
        e);
  }
}
