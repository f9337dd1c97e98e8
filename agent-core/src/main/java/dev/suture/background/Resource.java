package dev.suture.background;

/** What programs may have to wait for, as Linux accounts it (Documentation/accounting/psi). */
public enum Resource {
  CPU,
  IO,
  MEMORY;

  /** The kernel's word for it: {@code cpu}, {@code io}, {@code memory}. */
  public String word() {
    return switch (this) {
      case CPU -> "cpu";
      case IO -> "io";
      case MEMORY -> "memory";
    };
  }
}
