package dev.suture.publisher.delta;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;

/**
 * The image of a kernel as a linker makes it: functions that call each other, relocations, and
 * tables of distances between them. An edit makes some functions longer and leaves the others as
 * they were in the source.
 */
final class SmallKernel {
  static final long ADDRESS = 0xffff_8000_0800_0000L;
  static final int CODE_AT = 0x10000;
  static final int FUNCTIONS = 4800;

  private static final int FUNCTION_WORDS = 40;
  private static final int SYMBOLS = 1000;
  private static final int NAME_BYTES = 8;
  private static final int PE_AT = 64;

  private final ByteBuffer bytes = ByteBuffer.allocate(4 << 20).order(ByteOrder.LITTLE_ENDIAN);
  private final int[] functions = new int[FUNCTIONS];
  int offsetsAt;
  int jumpsAt;
  int symbolsAt;
  int exceptionsAt;
  int relocationsAt;
  int end;

  /**
   * Makes one.
   *
   * @param edited functions whose number is a multiple of this are longer; 0 for none
   */
  SmallKernel(int edited, long seed) {
    int at = CODE_AT;
    for (int i = 0; i < FUNCTIONS; i++) {
      functions[i] = at;
      boolean isLonger = edited > 0 && i % edited == 0;
      at += (FUNCTION_WORDS + (isLonger ? 1 : 0)) * Integer.BYTES;
    }
    int codeEnd = at;
    for (int i = 0; i < FUNCTIONS; i++) {
      int next = i + 1 < FUNCTIONS ? functions[i + 1] : codeEnd;
      function(functions[i], next, new Random(seed + i));
    }
    offsetsAt = align(codeEnd, 1 << 14);
    bytes.position(offsetsAt);
    for (int function : functions) {
      bytes.putInt(function - CODE_AT);
    }
    bytes.putLong(align(bytes.position(), Long.BYTES), ADDRESS + CODE_AT);
    tables(new Random(seed));
    header();
  }

  private static int align(int at, int boundary) {
    return (at + boundary - 1) / boundary * boundary;
  }

  private void function(int from, int next, Random random) {
    bytes.position(from);
    while (bytes.position() < next) {
      int at = bytes.position();
      boolean isCall = random.nextInt(4) == 0;
      int called = functions[random.nextInt(FUNCTIONS)];
      bytes.putInt(isCall ? call(called - at) : 0x8b000000 | random.nextInt(32) * 0x10001);
    }
  }

  private static int call(int distance) {
    return 0x94000000 | (distance / Integer.BYTES & 0x3ffffff);
  }

  private void tables(Random random) {
    jumpsAt = align(bytes.position() + 4096, 8);
    symbolsAt = jumpsAt + SYMBOLS * 16 + 64;
    exceptionsAt = symbolsAt + SYMBOLS * 12 + 64;
    int namesAt = exceptionsAt + SYMBOLS * 12 + 8192;
    relocationsAt = align(namesAt + SYMBOLS * NAME_BYTES + 4096, 8);
    int placesAt = relocationsAt + SYMBOLS * 24 + 4096;
    for (int i = 0; i < SYMBOLS; i++) {
      distances(jumpsAt + i * 16, any(random), any(random), placesAt + i * 8);
      distances(symbolsAt + i * 12, functions[i], namesAt + i * NAME_BYTES, namesAt);
      distances(exceptionsAt + i * 12, any(random), any(random));
      bytes.putInt(exceptionsAt + i * 12 + 8, random.nextInt(4));
      bytes.putInt(namesAt + i * NAME_BYTES, 0x61616161 + i);
      bytes.putLong(relocationsAt + i * 24, ADDRESS + placesAt + i * 8L);
      bytes.putLong(relocationsAt + i * 24 + 8, 1027);
      bytes.putLong(relocationsAt + i * 24 + 16, ADDRESS + (i == 0 ? 0 : any(random)));
    }
    end = align(placesAt + SYMBOLS * Long.BYTES + 4096, 4096);
  }

  private int any(Random random) {
    return functions[random.nextInt(FUNCTIONS)];
  }

  private void distances(int at, int... targets) {
    for (int i = 0; i < targets.length; i++) {
      bytes.putInt(at + i * Integer.BYTES, targets[i] - at - i * Integer.BYTES);
    }
  }

  private void header() {
    bytes.putInt(0, 0xfa405a4d);
    bytes.putLong(16, end + 0x8000L);
    bytes.putInt(56, 0x644d5241);
    bytes.putInt(60, PE_AT);
    bytes.putInt(PE_AT, 0x4550);
    bytes.putShort(PE_AT + 6, (short) 1);
    // One section, from the code on.
    bytes.putInt(PE_AT + 24 + 16, end - CODE_AT);
    bytes.putInt(PE_AT + 24 + 20, CODE_AT);
  }

  /** The image's bytes, a multiple of 4,096. */
  byte[] bytes() {
    return Arrays.copyOf(bytes.array(), end);
  }
}
