package dev.suture.arm64.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;

/** {@code struct timex}: what the kernel says about its clock. */
public final class Timex {
  static final StructLayout LAYOUT = new StructLayout("timex");
  static final StructLayout.Member MODES = LAYOUT.member("modes", 4);

  static {
    LAYOUT.padding(4);
    for (String name : new String[] {"offset", "freq", "maxerror", "esterror"}) {
      LAYOUT.member(name, 8);
    }
  }

  static final StructLayout.Member STATUS = LAYOUT.member("status", 4);

  static {
    LAYOUT.padding(4);
    for (String name : new String[] {"constant", "precision", "tolerance"}) {
      LAYOUT.member(name, 8);
    }
    LAYOUT.member("time", 16);
    for (String name : new String[] {"tick", "ppsfreq", "jitter"}) {
      LAYOUT.member(name, 8);
    }
    LAYOUT.member("shift", 4);
    LAYOUT.padding(4);
    for (String name : new String[] {"stabil", "jitcnt", "calcnt", "errcnt", "stbcnt"}) {
      LAYOUT.member(name, 8);
    }
    LAYOUT.member("tai", 4);
    // Eleven integers for what may come.
    LAYOUT.padding(11 * 4);
  }

  private final int state;
  private final int status;

  private Timex(int state, int status) {
    this.state = state;
    this.status = status;
  }

  /** adjtimex(2) that adjusts nothing: its modes are 0, so nobody is refused. */
  public static Timex read() throws LinuxException {
    ByteBuffer memory = StructLayout.memory(LAYOUT.bytes());
    MODES.putInt(memory, 0);
    try {
      int state = LibC.adjtimex(memory);
      return new Timex(state, STATUS.getInt(memory));
    } catch (LastErrorException e) {
      throw Linux.failed("adjtimex", "(read)", e);
    }
  }

  /** What the call returned: {@code TIME_*}. */
  public int state() {
    return state;
  }

  /** {@code STA_*}. */
  public int status() {
    return status;
  }
}
