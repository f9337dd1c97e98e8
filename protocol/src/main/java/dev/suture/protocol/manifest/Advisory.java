package dev.suture.protocol.manifest;

import java.util.Optional;

/**
 * One vulnerability that a patch closes.
 *
 * @param id for example {@code CVE-2026-12345}
 * @param packageUrl the fixed package, for example {@code
 *     pkg:deb/debian/openssl@3.0.22-1~deb12u2?arch=arm64}
 * @param fixedVersion the version that fixes it
 * @param cvss CVSS vector, if known
 * @param summary one sentence for people
 */
public record Advisory(
    String id, String packageUrl, String fixedVersion, Optional<String> cvss, String summary) {}
