package dev.suture.agent;

import com.google.crypto.tink.subtle.AesGcmHkdfStreaming;
import dev.suture.protocol.FileRef;
import dev.suture.protocol.Sha256;
import dev.suture.protocol.bundle.BundleWriter;
import dev.suture.protocol.bundle.ReadableSource;
import dev.suture.protocol.failure.SutureException;
import dev.suture.protocol.manifest.Manifest;
import dev.suture.protocol.release.LevelEntry;
import dev.suture.protocol.release.SealedPatch;
import dev.suture.protocol.release.SpreadFile;
import dev.suture.protocol.seal.SealedFile;
import dev.suture.sim.SimPublisher;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A sealed file with what level (a) needs, and its key. Only shape and length are the same each
 * time: a seal begins with noise.
 */
final class Sealing {
  private static final String NAME = "0badcafe.sealed";
  private static final String PATH =
      SpreadFile.path(SimPublisher.MODEL, SimPublisher.BASELINE, NAME);

  private final int plainBytes;
  private final byte[] sealed;

  private Sealing(int plainBytes, byte[] sealed) {
    this.plainBytes = plainBytes;
    this.sealed = sealed;
  }

  /** Level (a): its manifest, and these of its payloads. */
  static Sealing ofLevelA(Predicate<String> payloads) {
    // Somebody else makes them first: same bytes, other repository.
    SimPublisher same = new SimPublisher();
    Manifest manifest = same.release(SimPublisher.level("a"));
    Map<String, byte[]> files = new TreeMap<>();
    same.files()
        .forEach(
            (path, bytes) -> {
              if (path.startsWith("payloads/") && payloads.test(path)
                  || path.equals(same.entry(manifest).manifest().path())) {
                files.put(path, bytes);
              }
            });
    byte[] plain = bundle(files);
    return new Sealing(plain.length, sealed(plain, key()));
  }

  /** The key that fits. */
  static String key() {
    return key("k");
  }

  /** Any key. */
  static String key(String name) {
    return Sha256.of(name.getBytes(StandardCharsets.US_ASCII)).hex();
  }

  /** The file is published, its key is not. */
  FileRef spread(SimPublisher publisher) {
    return publisher.seal(NAME, sealed);
  }

  /** Level (a) is published, with the key. */
  void open(SimPublisher publisher) {
    open(publisher, key());
  }

  /** Level (a) is published, with this key. */
  void open(SimPublisher publisher, String keyHex) {
    publisher.release(SimPublisher.level("a"));
    publisher.change(
        "a",
        entry ->
            new LevelEntry(
                entry.model(),
                entry.baseline(),
                entry.level(),
                entry.manifest(),
                entry.withdrawal(),
                entry.rollout(),
                Optional.of(
                    new SealedPatch(
                        new FileRef(PATH, sealed.length, Sha256.of(sealed)), plainBytes, keyHex))));
  }

  /** A source of bytes in memory. */
  private record Memory(byte[] bytes) implements ReadableSource {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public int read(long position, byte[] target, int offset, int length) {
      int n = (int) Math.min(length, bytes.length - position);
      System.arraycopy(bytes, (int) position, target, offset, n);
      return n;
    }
  }

  /** A bundle of these files. */
  static byte[] bundle(Map<String, byte[]> files) {
    Map<String, ReadableSource> sources = new TreeMap<>();
    files.forEach((name, bytes) -> sources.put(name, new Memory(bytes)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      BundleWriter.write(sources, out);
    } catch (IOException | SutureException e) {
      throw new AssertionError("a bundle in memory", e);
    }
    return out.toByteArray();
  }

  private static byte[] sealed(byte[] plain, String keyHex) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      AesGcmHkdfStreaming seal =
          new AesGcmHkdfStreaming(
              HexFormat.of().parseHex(keyHex),
              SealedFile.KEY_DERIVATION,
              SealedFile.CIPHER_KEY_BYTES,
              SealedFile.SEGMENT_BYTES,
              0);
      try (OutputStream sealing =
          seal.newEncryptingStream(out, SealedFile.associatedData(PATH, plain.length))) {
        sealing.write(plain);
      }
    } catch (IOException | GeneralSecurityException e) {
      throw new AssertionError("a seal in memory", e);
    }
    return out.toByteArray();
  }
}
