package dev.suture.sim;

import java.util.Collections;
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

  /** Most have one answer; contents are told apart by their prints, and not kept. */
  private static final class Node {
    @Nullable Question question;
    boolean isEnd;
    private @Nullable Object first;
    private @Nullable Node behindFirst;
    private Map<Object, Node> others = Collections.emptyMap();

    @Nullable Node behind(Object answer) {
      Object compact = compact(answer);
      return compact.equals(first) ? behindFirst : others.get(compact);
    }

    Node added(Object answer) {
      Node next = new Node();
      if (first == null) {
        first = compact(answer);
        behindFirst = next;
        return next;
      }
      if (others.isEmpty()) {
        others = new HashMap<>(2);
      }
      others.put(compact(answer), next);
      return next;
    }

    private static Object compact(Object answer) {
      return answer instanceof Bytes bytes ? bytes.print() : answer;
    }
  }

  /** Whether a flash that was recovered before gave the same answers. */
  public boolean knows(SimFlash flash) {
    Node node = root;
    while (true) {
      Question question = node.question;
      if (question == null) {
        return node.isEnd;
      }
      Node next = node.behind(question.ask(flash));
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
      Node next = node.behind(answer);
      node = next == null ? node.added(answer) : next;
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
