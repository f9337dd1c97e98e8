package dev.suture.publisher;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see what inside the publisher. */
@AnalyzeClasses(
    packages = "dev.suture.publisher",
    importOptions = ImportOption.DoNotIncludeTests.class)
final class PublisherArchitectureTest {
  @ArchTest
  static final ArchRule ONLY_KEYS_AND_SEAL_SEE_TINK_AND_BOUNCY_CASTLE =
      noClasses()
          .that()
          .resideOutsideOfPackages("dev.suture.publisher.keys..", "dev.suture.publisher.seal")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.google.crypto.tink..", "org.bouncycastle..");

  @ArchTest
  static final ArchRule ONLY_NOTIFY_SEES_PAHO =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.suture.publisher.notify")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.eclipse.paho..");

  @ArchTest
  static final ArchRule ONLY_CLI_SEES_PICOCLI =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.suture.publisher.cli")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  /**
   * The device's code is called by the self-check, where a repository is seen as a device, and
   * where a delta is made: by the walk through an image that the device takes.
   */
  @ArchTest
  static final ArchRule ONLY_THE_SELF_CHECK_USES_THE_AGENT =
      noClasses()
          .that()
          .haveNameNotMatching(
              ".*\\.(release\\.(SelfCheck|FileBaseImage)|device\\..*|delta\\..*)(\\$.*)?")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "dev.suture.publisher..",
              "dev.suture.protocol..",
              "java..",
              "javax..",
              "com.google.crypto.tink..",
              "com.google.gson..",
              "com.github.luben..",
              "org.bouncycastle..",
              "org.eclipse.paho..",
              "org.jspecify..",
              "org.slf4j..",
              "picocli..",
              "com.github.packageurl..",
              "us.springett.cvss..");

  @ArchTest
  static final ArchRule DELTAS_USE_OF_THE_AGENT_THE_WALK_ALONE =
      noClasses()
          .that()
          .resideInAPackage("dev.suture.publisher.delta..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "dev.suture.publisher..",
              "dev.suture.delta..",
              "dev.suture.protocol..",
              "java..",
              "com.github.luben..",
              "org.tukaani..",
              "org.jspecify..");

  @ArchTest
  static final ArchRule ONLY_ADVISORY_SEES_PACKAGE_URL_AND_CVSS =
      noClasses()
          .that()
          .resideOutsideOfPackage("dev.suture.publisher.advisory")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.github.packageurl..", "us.springett.cvss..");

  @ArchTest
  static final ArchRule NO_CYCLES =
      slices().matching("dev.suture.publisher.(*)..").should().beFreeOfCycles();
}
