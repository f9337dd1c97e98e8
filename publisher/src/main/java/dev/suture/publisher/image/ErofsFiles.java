package dev.suture.publisher.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the regular files of an uncompressed EROFS, without mounting it. Layouts are those of the
 * Linux kernel's {@code fs/erofs/erofs_fs.h}: compact and extended inodes, data in blocks
 * (FLAT_PLAIN), or with its tail behind the inode (FLAT_INLINE).
 *
 * <p>Whatever the bytes are, this ends, and either has all names or says why it has none:
 * compressed files, chunks, several devices, and everything that is not as {@code mkfs.erofs} makes
 * it.
 *
 * <p>Memory: what {@link #INODES_MAX} and {@link #PATH_CHARS_MAX} bound.
 */
final class ErofsFiles {
  /** Most files and folders; each is looked at once. */
  static final int INODES_MAX = 1 << 16;

  /** Most names in all folders. */
  static final int ENTRIES_MAX = 1 << 17;

  /** Most characters of all paths together. */
  static final int PATH_CHARS_MAX = 1 << 23;

  private static final int SUPERBLOCK_AT = 1024;
  private static final int SUPERBLOCK_BYTES = 128;
  private static final int MAGIC = 0xE0F5E1E2;
  private static final int BLOCK_LOG_MIN = 9;
  private static final int BLOCK_LOG_MAX = 16;

  /** Zero padding of compressed blocks, chunks, prefixes of attribute names: no file needs them. */
  private static final int INCOMPATIBLE_KNOWN = 0x1 | 0x4 | 0x40;

  private static final int INODE_SLOT_LOG = 5;
  private static final int COMPACT_BYTES = 32;
  private static final int EXTENDED_BYTES = 64;
  private static final int FORMAT_MAX = 0xf;
  private static final int FLAT_PLAIN = 0;
  private static final int FLAT_INLINE = 2;
  private static final int ATTRIBUTE_HEADER_BYTES = 12;
  private static final int ATTRIBUTE_BYTES = 4;

  private static final int TYPE_MASK = 0xf000;
  private static final int FOLDER = 0x4000;
  private static final int REGULAR = 0x8000;

  private static final int ENTRY_BYTES = 12;
  private static final int NAME_BYTES_MAX = 255;

  private final RandomBytes image;
  private final Deque<Folder> folders = new ArrayDeque<>();
  private final Set<Long> seenFolders = new HashSet<>();
  private final Map<Long, String> files = new HashMap<>();
  private int blockBytes;
  private long inodesAt;
  private long entries;
  private long pathChars;

  private ErofsFiles(RandomBytes image) {
    this.image = image;
  }

  /** A folder that is still to be read; its path ends with a slash. */
  private record Folder(long inode, String path) {}

  /** Where the data of an inode is: {@code head} bytes in blocks, {@code tail} behind the inode. */
  private record Data(int type, long blocksAt, long head, long tailAt, long tail) {}

  /** The image is none that this understands. */
  private static final class Refusal extends Exception {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }
  }

  /**
   * Reads the names.
   *
   * @throws IOException if the image cannot be read
   */
  static ErofsListing read(RandomBytes image) throws IOException {
    try {
      return new ErofsListing(new ErofsFiles(image).ranges(), Optional.empty());
    } catch (Refusal e) {
      return new ErofsListing(List.of(), Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private List<FileRange> ranges() throws IOException, Refusal {
    long root = superblock();
    folders.add(new Folder(root, "/"));
    seenFolders.add(root);
    while (!folders.isEmpty()) {
      folder(folders.remove());
    }
    List<FileRange> ranges = new ArrayList<>();
    for (Map.Entry<Long, String> file : files.entrySet()) {
      Data data = inode(file.getKey());
      if (data.head > 0) {
        ranges.add(new FileRange(file.getValue(), data.blocksAt, data.head, 0));
      }
      if (data.tail > 0) {
        ranges.add(new FileRange(file.getValue(), data.tailAt, data.tail, data.head));
      }
    }
    ranges.sort(Comparator.comparingLong(FileRange::start));
    for (int i = 1; i < ranges.size(); i++) {
      require(ranges.get(i - 1).end() <= ranges.get(i).start(), "two files in the same place", i);
    }
    return ranges;
  }

  /** Reads the superblock; the number of the root's inode. */
  private long superblock() throws IOException, Refusal {
    require(image.bytes() >= SUPERBLOCK_AT + SUPERBLOCK_BYTES, "no superblock", image.bytes());
    ByteBuffer block = read(SUPERBLOCK_AT, SUPERBLOCK_BYTES);
    require(block.getInt(0) == MAGIC, "magic number", block.getInt(0));
    int log = block.get(12);
    require(log >= BLOCK_LOG_MIN && log <= BLOCK_LOG_MAX, "block size", log);
    blockBytes = 1 << log;
    inodesAt = unsigned(block.getInt(40)) << log;
    int incompatible = block.getInt(80);
    require((incompatible & ~INCOMPATIBLE_KNOWN) == 0, "features", incompatible);
    require(block.getShort(86) == 0, "further devices", block.getShort(86));
    require(block.get(90) == 0, "folders' block size", block.get(90));
    return unsigned(block.getShort(14));
  }

  private void folder(Folder folder) throws IOException, Refusal {
    Data data = inode(folder.inode);
    require(data.type == FOLDER, "not a folder", folder.inode);
    for (long at = 0; at < data.head; at += blockBytes) {
      names(folder, read(data.blocksAt + at, (int) Math.min(blockBytes, data.head - at)));
    }
    if (data.tail > 0) {
      names(folder, read(data.tailAt, (int) data.tail));
    }
  }

  /** One block of a folder: entries, then their names. */
  private void names(Folder folder, ByteBuffer block) throws IOException, Refusal {
    require(block.capacity() >= ENTRY_BYTES, "a folder's block", block.capacity());
    int first = block.getShort(8) & 0xffff;
    require(
        first >= ENTRY_BYTES && first % ENTRY_BYTES == 0 && first < block.capacity(),
        "a folder's first name",
        first);
    int count = first / ENTRY_BYTES;
    entries += count;
    require(entries <= ENTRIES_MAX, "names", entries);
    int start = first;
    for (int i = 0; i < count; i++) {
      boolean isLast = i == count - 1;
      int end = isLast ? block.capacity() : block.getShort((i + 1) * ENTRY_BYTES + 8) & 0xffff;
      require(end > start && end <= block.capacity(), "where a name ends", end);
      byte[] name = new byte[end - start];
      block.get(start, name);
      entry(folder, block.getLong(i * ENTRY_BYTES), name(name, isLast));
      start = end;
    }
  }

  private static String name(byte[] bytes, boolean isLast) throws Refusal {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      require(bytes[length] != '/', "a slash in a name", length);
      length++;
    }
    // Zeros follow the last name of a block only.
    require(length > 0 && length <= NAME_BYTES_MAX, "length of a name", length);
    require(isLast || length == bytes.length, "a zero in a name", length);
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private void entry(Folder folder, long inode, String name) throws IOException, Refusal {
    if (name.equals(".") || name.equals("..")) {
      return;
    }
    String path = path(folder, name);
    String known = files.get(inode);
    if (known != null) {
      // Hard links: one of the names, whatever the order of folders.
      files.put(inode, path.compareTo(known) < 0 ? path : known);
      return;
    }
    require(seenFolders.size() + files.size() < INODES_MAX, "files and folders", INODES_MAX);
    int type = inode(inode).type;
    if (type == FOLDER) {
      require(seenFolders.add(inode), "a folder in two places", inode);
      folders.add(new Folder(inode, path + "/"));
    } else if (type == REGULAR) {
      files.put(inode, path);
    }
  }

  private String path(Folder folder, String name) throws Refusal {
    pathChars += folder.path.length() + name.length();
    require(pathChars <= PATH_CHARS_MAX, "characters of paths", pathChars);
    return folder.path + name;
  }

  private Data inode(long number) throws IOException, Refusal {
    long most = (image.bytes() - inodesAt) >> INODE_SLOT_LOG;
    require(number >= 0 && number < most, "number of an inode", number);
    long at = inodesAt + (number << INODE_SLOT_LOG);
    ByteBuffer inode = read(at, COMPACT_BYTES);
    int format = inode.getShort(0) & 0xffff;
    require(format <= FORMAT_MAX, "form of an inode", format);
    boolean isExtended = (format & 1) != 0;
    int layout = format >> 1;
    int type = inode.getShort(4) & TYPE_MASK;
    long size = isExtended ? inode.getLong(8) : unsigned(inode.getInt(8));
    if (type != REGULAR && type != FOLDER) {
      return new Data(type, 0, 0, 0, 0);
    }
    require(
        layout == FLAT_PLAIN || layout == FLAT_INLINE, "layout: compressed or in chunks", layout);
    require(size >= 0 && size <= image.bytes(), "size of a file", size);
    long tail = layout == FLAT_INLINE ? size % blockBytes : 0;
    long head = size - tail;
    long blocksAt = head == 0 ? 0 : unsigned(inode.getInt(16)) * blockBytes;
    require(blocksAt <= image.bytes() - head, "blocks of a file", blocksAt);
    int attributes = inode.getShort(2) & 0xffff;
    long tailAt =
        at
            + (isExtended ? EXTENDED_BYTES : COMPACT_BYTES)
            + (attributes == 0 ? 0 : ATTRIBUTE_HEADER_BYTES + (attributes - 1L) * ATTRIBUTE_BYTES);
    require(
        tail == 0
            || (tailAt <= image.bytes() - tail
                && tailAt / blockBytes == (tailAt + tail - 1) / blockBytes),
        "tail of a file",
        tailAt);
    return new Data(type, blocksAt, head, tail == 0 ? 0 : tailAt, tail);
  }

  /** Reads a range, which need not lie within the image. */
  private ByteBuffer read(long position, int length) throws IOException, Refusal {
    require(position >= 0 && length <= image.bytes() - position, "a place", position);
    byte[] bytes = new byte[length];
    image.read(position, bytes, 0, length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void require(boolean condition, String what, long got) throws Refusal {
    if (!condition) {
      throw new Refusal("no EROFS that is understood: " + what + ", got " + got);
    }
  }

  private static long unsigned(int value) {
    return value & 0xffffffffL;
  }

  private static long unsigned(short value) {
    return value & 0xffffL;
  }
}
