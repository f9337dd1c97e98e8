package dev.suture.sim;

import java.util.Set;

/** Something that a run can want to know about the flash as it was when the power came. */
sealed interface Question {
  /** The answer of this flash, to be compared with equals. */
  Object ask(SimFlash flash);

  /** What is in a file, if there is one. */
  record File(String path) implements Question {
    @Override
    public Object ask(SimFlash flash) {
      return flash.disk().file(path);
    }
  }

  /** Whether there is a directory. */
  record Directory(String path) implements Question {
    @Override
    public Object ask(SimFlash flash) {
      return flash.disk().hasDirectory(path);
    }
  }

  /** The names in a directory, without those that are known already. */
  record Names(String directory, Set<String> without) implements Question {
    @Override
    public Object ask(SimFlash flash) {
      return flash.disk().names(directory, without);
    }
  }

  /** A copy of the activation record. */
  record Copy(int copy) implements Question {
    @Override
    public Object ask(SimFlash flash) {
      return flash.record().copy(copy);
    }
  }
}
