package dev.suture.publisher.explain;

import com.google.gson.stream.JsonWriter;
import dev.suture.protocol.json.JsonText;
import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import java.io.IOException;
import java.util.Map;

/** What the bytes of a delta are spent on, for machines. Names are as they are in the image. */
public final class ExplanationJson {
  private ExplanationJson() {}

  /** The whole document: all files, and all places that are known. */
  static byte[] document(String component, DeltaAccount account) {
    return JsonText.indented(
        json -> {
          json.name("component").value(component);
          json.name("image_bytes").value(account.imageBytes());
          sums(json, account);
          json.name("files").beginArray();
          for (FileCost file : account.files()) {
            json.beginObject();
            json.name("path").value(file.path());
            json.name("image_bytes").value(file.imageBytes());
            json.name("delta_bytes").value(file.bytes());
            kinds(json, file.kinds());
            json.endObject();
          }
          json.endArray();
          json.name("surprises").beginArray();
          for (Place place : account.places()) {
            json.beginObject();
            json.name("path").value(place.path());
            json.name("offset").value(place.offset());
            json.name("length").value(place.length());
            json.name("kind").value(place.kind().word());
            json.name("surprise_bytes").value(place.surpriseBytes());
            json.name("new_bytes").value(place.newBytes());
            json.name("delta_bytes").value(place.bytes());
            json.endObject();
          }
          json.endArray();
        });
  }

  /** The sums alone, into the object at hand. */
  public static void sums(JsonWriter json, DeltaAccount account) throws IOException {
    json.name("delta_bytes").value(account.deltaBytes());
    if (account.refusal().isPresent()) {
      json.name("no_names_because").value(account.refusal().get());
    }
    kinds(json, account.kinds());
  }

  private static void kinds(JsonWriter json, Map<ByteKind, Long> kinds) throws IOException {
    json.name("kinds").beginObject();
    for (Map.Entry<ByteKind, Long> kind : kinds.entrySet()) {
      json.name(kind.getKey().word()).value(kind.getValue());
    }
    json.endObject();
  }
}
