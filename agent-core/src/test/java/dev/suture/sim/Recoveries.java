package dev.suture.sim;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All that recoveries have looked at so far. A device is deterministic: what it looks at next
 * follows from what it has seen before, so runs make a tree of questions and answers. A flash whose
 * answers lead to an end of that tree is recovered just as the run that made this end, whatever
 * else is on it, and need not be run again.
 */
public final class Recoveries {
  private final Node root = new Node();
  private long ends;

  private static final class Node {
    @Nullable Question question;
    boolean isEnd;
    final Map<Object, Node> answers = new HashMap<>(2);
  }

  /** Whether a flash that was recovered before gave the same answers. */
  public boolean knows(SimFlash flash) {
    Node node = root;
    while (true) {
      Question question = node.question;
      if (question == null) {
        return node.isEnd;
      }
      Node next = node.answers.get(question.ask(flash));
      if (next == null) {
        return false;
      }
      node = next;
    }
  }

  /** How many ends there are: recoveries that differ. */
  public long ends() {
    return ends;
  }

  /** Notes what a recovery of this flash looks at, from now on. */
  public Recovery watch(SimFlash flash) {
    Recovery recovery = new Recovery();
    flash.watch(recovery);
    return recovery;
  }

  /** One recovery. */
  public final class Recovery implements Witness {
    private Node node = root;

    @Override
    public void saw(Question question, Object answer) {
      if (node.question == null) {
        if (node.isEnd) {
          throw new AssertionError("not deterministic: asked for " + question + " behind an end");
        }
        node.question = question;
      } else if (!node.question.equals(question)) {
        throw new AssertionError(
            "not deterministic: asked for " + question + ", before for " + node.question);
      }
      node = node.answers.computeIfAbsent(answer, any -> new Node());
    }

    /** It ended well. */
    public void end() {
      if (node.question != null) {
        throw new AssertionError("not deterministic: ended before " + node.question);
      }
      ends += node.isEnd ? 0 : 1;
      node.isEnd = true;
    }
  }
}
