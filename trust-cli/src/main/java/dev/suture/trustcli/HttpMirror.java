package dev.suture.trustcli;

import dev.suture.link.ChunkSink;
import dev.suture.protocol.failure.FailureCode;
import dev.suture.protocol.failure.RejectedException;
import dev.suture.protocol.failure.RetryableException;
import dev.suture.protocol.failure.SutureException;
import dev.suture.trust.tuf.MetadataSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.Optional;

/** Files below one address, over HTTP, redirects not followed. */
final class HttpMirror implements MetadataSource {
  private static final int TIMEOUT_MILLIS = 10_000;
  private static final int CHUNK_BYTES = 16 * 1024;

  private final String address;

  /** Whatever is below this address; a slash is put behind it if there is none. */
  HttpMirror(String address) {
    this.address = address.endsWith("/") ? address : address + "/";
  }

  @Override
  public Optional<byte[]> fetch(String name, int bytesMax)
      throws RejectedException, RetryableException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      return fetch(name, bytesMax, bytes::write)
          ? Optional.of(bytes.toByteArray())
          : Optional.empty();
    } catch (RejectedException | RetryableException e) {
      throw e;
    } catch (SutureException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
  }

  /**
   * Fetches a file piece by piece.
   *
   * @return false if the mirror says that there is none
   */
  boolean fetch(String name, long bytesMax, ChunkSink sink) throws SutureException {
    try {
      HttpURLConnection connection = (HttpURLConnection) new URL(address + name).openConnection();
      try {
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(TIMEOUT_MILLIS);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        int status = connection.getResponseCode();
        if (status == HttpURLConnection.HTTP_NOT_FOUND
            || status == HttpURLConnection.HTTP_FORBIDDEN) {
          return false;
        }
        if (status != HttpURLConnection.HTTP_OK) {
          throw new RetryableException(
              FailureCode.SERVER_ERROR, name + ": expected status 200 or 404, got " + status);
        }
        try (InputStream body = connection.getInputStream()) {
          copy(name, body, bytesMax, sink);
        }
        return true;
      } finally {
        connection.disconnect();
      }
    } catch (IOException e) {
      throw new RetryableException(
          FailureCode.SERVER_UNREACHABLE, address + name + ": " + e.getMessage(), e);
    }
  }

  private static void copy(String name, InputStream body, long bytesMax, ChunkSink sink)
      throws IOException, SutureException {
    byte[] chunk = new byte[CHUNK_BYTES];
    long total = 0;
    while (total <= bytesMax) {
      int length = body.read(chunk, 0, (int) Math.min(chunk.length, bytesMax - total + 1));
      if (length < 0) {
        return;
      }
      total += length;
      if (total <= bytesMax) {
        sink.accept(chunk, 0, length);
      }
    }
    throw new RejectedException(
        FailureCode.METADATA_TOO_LARGE,
        name + ": expected at most " + bytesMax + " bytes, got more");
  }
}
