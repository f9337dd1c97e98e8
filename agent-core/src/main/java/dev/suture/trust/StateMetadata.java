package dev.suture.trust;

import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.tuf.FileNames;
import dev.suture.protocol.tuf.RoleType;
import dev.suture.protocol.tuf.SignedMetadata;
import dev.suture.protocol.tuf.TimestampMetadata;
import dev.suture.trust.tuf.LocalMetadata;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A trust state as the client's metadata: in memory, made durable as a whole by whoever has it. */
final class StateMetadata implements LocalMetadata {
  private static final String ROOT = FileNames.metadata(RoleType.ROOT.word());
  private static final String TIMESTAMP = FileNames.metadata(RoleType.TIMESTAMP.word());
  private static final int TIMESTAMP_BYTES_MAX = 16 << 10;

  private final TrustAnchor anchor;
  private final List<String> roots;
  private final Map<String, String> files;
  private TrustState.Marks marks;

  /** A copy of the state, with the roots that were verified from the anchor on. */
  StateMetadata(TrustAnchor anchor, List<String> roots, TrustState state) {
    this.anchor = anchor;
    this.roots = new ArrayList<>(roots);
    this.files = new LinkedHashMap<>(state.files());
    this.marks = state.marks();
  }

  /** What it has become. */
  TrustState state() {
    return new TrustState(roots, files, marks);
  }

  @Override
  public Optional<byte[]> load(String name, int bytesMax) {
    if (name.equals(ROOT)) {
      return Optional.of(
          roots.isEmpty() ? anchor.toBytes() : TrustState.bytes(roots.get(roots.size() - 1)));
    }
    return Optional.ofNullable(files.get(name)).map(TrustState::bytes);
  }

  /**
   * Keeps a file. What could not be read again after the next start is refused here.
   *
   * @throws RejectedException {@code METADATA_TOO_LARGE}
   */
  @Override
  public void store(String name, byte[] bytes) throws RejectedException {
    String text = new String(bytes, StandardCharsets.UTF_8);
    if (name.equals(ROOT)) {
      require("roots behind the one that was shipped", TrustState.ROOTS_MAX, roots.size() + 1L);
      requireSpace(bytes.length, "");
      roots.add(text);
      return;
    }
    require("characters of a name of metadata", TrustState.NAME_CHARS_MAX, name.length());
    require("files", TrustState.FILES_MAX, files.size() + (files.containsKey(name) ? 0L : 1L));
    requireSpace(bytes.length, name);
    if (name.equals(TIMESTAMP)) {
      marks = issued(bytes).map(marks::seen).orElseGet(marks::moved);
    }
    files.put(name, text);
  }

  /** It was verified before it is stored, so it can be read. */
  private static Optional<Instant> issued(byte[] timestamp) {
    return new TimestampMetadata(
            SignedMetadata.decode(
                RoleType.TIMESTAMP, RoleType.TIMESTAMP.word(), timestamp, TIMESTAMP_BYTES_MAX))
        .issued();
  }

  private void requireSpace(int bytes, String replaced) throws RejectedException {
    long all = bytes;
    for (String root : roots) {
      all += TrustState.bytes(root).length;
    }
    for (Map.Entry<String, String> file : files.entrySet()) {
      all += file.getKey().equals(replaced) ? 0 : TrustState.bytes(file.getValue()).length;
    }
    require("bytes", TrustState.STORED_BYTES_MAX, all);
  }

  private static void require(String what, long most, long got) throws RejectedException {
    if (got > most) {
      throw new RejectedException(
          FailureCode.METADATA_TOO_LARGE,
          "trust state: expected at most " + most + " " + what + ", got " + got);
    }
  }

  @Override
  public void delete(String name) {
    files.remove(name);
    if (name.equals(TIMESTAMP)) {
      marks = marks.withoutTime();
    }
  }
}
