package dev.suture;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Date;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which package may use which: the table of the design. */
class ArchitectureTest {
  private static final String ROOT = "dev.suture.";

  /** Each package of this module, and what it may use besides the protocol and itself. */
  private static final Map<String, Set<String>> EDGES =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("durable", Set.of()),
              Map.entry("trust", Set.of()),
              Map.entry("policy", Set.of()),
              Map.entry("link", Set.of()),
              Map.entry("health", Set.of()),
              Map.entry("live", Set.of()),
              Map.entry("background", Set.of()),
              Map.entry("slot", Set.of("durable", "background")),
              Map.entry("delta", Set.of("slot")),
              Map.entry("attempt", Set.of("slot", "policy")),
              Map.entry("store", Set.of("attempt", "durable")),
              Map.entry(
                  "agent",
                  Set.of(
                      "durable",
                      "trust",
                      "policy",
                      "link",
                      "health",
                      "live",
                      "background",
                      "slot",
                      "delta",
                      "attempt",
                      "store"))));

  /** What only one package sees. */
  private static final Map<String, String> LIBRARIES =
      Map.of(
          "org.bouncycastle..", "trust",
          "com.google.crypto.tink..", "trust.seal",
          "org.eclipse.paho..", "link.mqtt",
          "com.github.luben..", "delta");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("dev.suture");

  private static String packageOf(JavaClass one) {
    String rest = one.getPackageName().substring(ROOT.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }

  @Test
  void packages_areThoseOfTheDesign() {
    Set<String> packages = new TreeSet<>();
    for (JavaClass one : CLASSES) {
      packages.add(packageOf(one));
    }
    packages.remove("protocol");
    assertThat(packages).isEqualTo(EDGES.keySet());
  }

  @Test
  void packages_useOnlyWhatTheyMay() {
    EDGES.forEach(
        (name, allowed) -> {
          Set<String> refused = new TreeSet<>(EDGES.keySet());
          refused.removeAll(allowed);
          refused.remove(name);
          noClasses()
              .that()
              .resideInAPackage(ROOT + name + "..")
              .should()
              .dependOnClassesThat(
                  resideInAnyPackage(
                      refused.stream().map(one -> ROOT + one + "..").toArray(String[]::new)))
              .allowEmptyShould(true)
              .check(CLASSES);
        });
  }

  @Test
  void protocol_usesNothingOfTheAgent() {
    classes()
        .that()
        .resideInAPackage("dev.suture.protocol..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            "dev.suture.protocol..", "java..", "com.google.gson..", "org.jspecify..")
        .check(CLASSES);
  }

  @Test
  void packages_haveNoCycle() {
    slices().matching("dev.suture.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void libraries_areSeenByOnePackageEach() {
    LIBRARIES.forEach(
        (library, owner) ->
            noClasses()
                .that(not(resideInAPackage(ROOT + owner + "..")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage(library)
                .check(CLASSES));
  }

  @Test
  void decisions_seeNoFilesNoNetworkNoClockNoLog() {
    noClasses()
        .that(resideInAnyPackage("dev.suture.attempt..", "dev.suture.policy.."))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.io..", "java.nio.file..", "java.net..", "java.time..", "org.slf4j..")
        .check(CLASSES);
  }

  /** Decisions need no right clock: there is none to be wrong. */
  @Test
  void nothing_readsTheWallClock() {
    noClasses()
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(java.time.Instant.class, "now")
        .orShould()
        .callConstructor(Date.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.time.Clock")
        .check(CLASSES);
    // The dates of certificates have no other form.
    noClasses()
        .that(not(simpleName("DatedTrust")))
        .should()
        .dependOnClassesThat(type(Date.class))
        .check(CLASSES);
  }

  @Test
  void nothing_printsOrExits() {
    noClasses()
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }
}
