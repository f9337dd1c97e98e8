package dev.suture.publisher.explain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.suture.protocol.json.Fields;
import dev.suture.protocol.json.StrictJson;
import dev.suture.publisher.Problem;
import dev.suture.publisher.PublisherException;
import dev.suture.publisher.delta.account.ByteKind;
import dev.suture.publisher.delta.account.DeltaAccount;
import dev.suture.publisher.delta.account.DeltaAccount.FileCost;
import dev.suture.publisher.delta.account.DeltaAccount.Place;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class ExplanationTest {
  private static final String HOSTILE = "/a\nb\t<script>alert(1)</script>&\"'\u001b[2J\u202e";
  private static final String SHOWN = "/a\\nb\\t<script>alert(1)</script>&\"'\\u{1b}[2J\\u{202e}";

  private static final DeltaAccount ACCOUNT =
      new DeltaAccount(
          1000,
          4096,
          List.of(
              new FileCost(HOSTILE, 3000, Map.of(ByteKind.CODE, 500L, ByteKind.NEW, 200L)),
              new FileCost("/lib/two", 1000, Map.of(ByteKind.DATA, 180L)),
              new FileCost(DeltaAccount.DELTA, 0, Map.of(ByteKind.FORMAT, 120L))),
          List.of(new Place(HOSTILE, 0x123, 400, ByteKind.CODE, 300, 50, 333)),
          Optional.empty());

  @TempDir Path folder = Path.of("replaced by JUnit");

  private static Document parsed(byte[] page) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory.newDocumentBuilder().parse(new ByteArrayInputStream(page));
  }

  private static List<Element> elements(Document page, String name) {
    NodeList nodes = page.getElementsByTagName(name);
    List<Element> elements = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      elements.add((Element) nodes.item(i));
    }
    return elements;
  }

  private static double area(Element rectangle) {
    return Double.parseDouble(rectangle.getAttribute("width"))
        * Double.parseDouble(rectangle.getAttribute("height"));
  }

  @Test
  void page_ofHostileNames_isWellFormedAndShowsThemAsText() throws Exception {
    byte[] bytes = ExplanationPage.document("tls", ACCOUNT);
    Document page = parsed(bytes);
    String text = page.getDocumentElement().getTextContent();
    assertThat(text).contains(SHOWN, "1,000 bytes", "0x123", "surprises in code 500");
    assertThat(elements(page, "script")).isEmpty();
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .doesNotContain("\u202e", "\u001b", "http://", "https://", "url(", "@import");
  }

  @Test
  void page_picture_areasAreBytesAndEachHasATitle() throws Exception {
    Document page = parsed(ExplanationPage.document("tls", ACCOUNT));
    double[] files =
        elements(page, "rect").stream()
            .filter(rectangle -> rectangle.getAttribute("class").equals("file"))
            .mapToDouble(ExplanationTest::area)
            .toArray();
    assertThat(files).hasSize(3);
    assertThat(files[0] / files[1]).isBetween(3.8, 4.0); // 700 to 180 bytes.
    assertThat(elements(page, "g"))
        .hasSize(3 + 4)
        .allMatch(group -> group.getTextContent().contains(" % of the delta"));
    for (ByteKind kind : ByteKind.values()) {
      assertThat(page.getElementsByTagName("style").item(0).getTextContent())
          .contains(".kind-" + kind.word() + " {");
    }
  }

  @Test
  void page_ofManyFiles_staysReadable() throws Exception {
    List<FileCost> files = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      files.add(new FileCost("/f" + i, 10, Map.of(ByteKind.NEW, 1L)));
    }
    DeltaAccount many = new DeltaAccount(5000, 1 << 20, files, List.of(), Optional.of("<why>"));
    Document page = parsed(ExplanationPage.document("tls", many));
    assertThat(elements(page, "rect")).hasSizeLessThan(500);
    assertThat(page.getDocumentElement().getTextContent())
        .contains("(4800 more)", "And 4,000 more", "Files have no names: <why>.");
    assertThat(ExplanationText.tables("tls", many))
        .contains("(4,990 more)", "files have no names: <why>");
  }

  @Test
  void tables_ofHostileNames_keepTheirLines() {
    String text = ExplanationText.tables("tls", ACCOUNT);
    assertThat(text.lines())
        .contains(
            "tls: what the 1,000 bytes of the delta are spent on",
            "           500  50.0 %  surprises in code",
            "           700  70.0 %  " + SHOWN + ": surprises in code (500)",
            "           333          400          300           50  "
                + SHOWN
                + ", 0x123, surprises in code");
    assertThat(ExplanationText.reasons(ACCOUNT, 2))
        .isEqualTo("500 for surprises in code of " + SHOWN + "; 200 for new bytes of " + SHOWN);
  }

  @Test
  void files_writtenTwice_haveTheLast() throws Exception {
    ExplanationFiles files = new ExplanationFiles(folder.resolve("new/er"));
    files.prepare();
    files.write("tls", new DeltaAccount(0, 1, List.of(), List.of(), Optional.empty()));
    files.write("tls", ACCOUNT);

    assertThat(files.folder().toFile().list()).containsExactlyInAnyOrder("tls.html", "tls.json");
    assertThat(Files.readAllBytes(files.page("tls")))
        .isEqualTo(ExplanationPage.document("tls", ACCOUNT));
    Fields json = StrictJson.parse("explanation", Files.readAllBytes(files.json("tls")), 1 << 20);
    assertThat(json.integer("delta_bytes", 1000, 1000)).isEqualTo(1000);
    Fields file = json.objects("files", 3).get(0);
    assertThat(file.object("kinds").integer("code", 500, 500)).isEqualTo(500);
    assertThat(json.objects("surprises", 1).get(0).text("kind")).isEqualTo("code");
  }

  @Test
  void files_whereAFileIs_saysWhichOption() throws Exception {
    Path file = Files.write(folder.resolve("file"), new byte[1]);
    PublisherException e =
        catchThrowableOfType(
            PublisherException.class, () -> new ExplanationFiles(file.resolve("x")).prepare());
    assertThat(e.problem()).isEqualTo(Problem.STORAGE_FAILED);
    assertThat(e.details().todo()).contains("--explain");
  }
}
