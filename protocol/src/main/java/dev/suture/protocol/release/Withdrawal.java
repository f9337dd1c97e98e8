package dev.suture.protocol.release;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.Fields;
import java.io.IOException;

/**
 * The publisher took a level back.
 *
 * @param reach what devices do that have it
 * @param instead where those go that leave it; of no account with {@link Reach#STOP}
 */
public record Withdrawal(Reach reach, Instead instead) {
  /** Nobody installs it any more; who has it keeps it. */
  public static final Withdrawal STOP = new Withdrawal(Reach.STOP, Instead.BASE);

  /** What devices do that have the level. */
  public enum Reach {
    /** They keep it. */
    STOP("stop"),
    /** They leave it. */
    REMOVE("remove");

    private final String word;

    Reach(String word) {
      this.word = word;
    }

    /** The word in the metadata. */
    public String word() {
      return word;
    }

    /**
     * The reach of this word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Reach ofWord(String word) {
      for (Reach reach : values()) {
        if (reach.word.equals(word)) {
          return reach;
        }
      }
      throw new IllegalArgumentException("expected stop or remove, got \"" + word + "\"");
    }
  }

  /** Where devices go that leave the level. */
  public enum Instead {
    /** To base. No lower level of the baseline is installed any more either. */
    BASE("base"),
    /** To the newest level that is not withdrawn, a lower one if need be; to base without one. */
    NEWEST_GOOD("newest-good");

    private final String word;

    Instead(String word) {
      this.word = word;
    }

    /** The word in the metadata. */
    public String word() {
      return word;
    }

    /**
     * The place of this word.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Instead ofWord(String word) {
      for (Instead instead : values()) {
        if (instead.word.equals(word)) {
          return instead;
        }
      }
      throw new IllegalArgumentException("expected base or newest-good, got \"" + word + "\"");
    }
  }

  static Withdrawal read(Fields fields) {
    return new Withdrawal(
        fields.parsed("reach", Reach::ofWord), fields.parsed("instead", Instead::ofWord));
  }

  void write(JsonWriter json) throws IOException {
    json.beginObject();
    json.name("reach").value(reach.word);
    json.name("instead").value(instead.word);
    json.endObject();
  }
}
