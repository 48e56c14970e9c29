package io.vbrelay.camera;

import static io.vbrelay.camera.Pictures.canon;
import static io.vbrelay.camera.Pictures.concat;
import static io.vbrelay.camera.Pictures.eoi;
import static io.vbrelay.camera.Pictures.hex;
import static io.vbrelay.camera.Pictures.jfif;
import static io.vbrelay.camera.Pictures.progressive;
import static io.vbrelay.camera.Pictures.segment;
import static io.vbrelay.camera.Pictures.smallest;
import static io.vbrelay.camera.Pictures.sof;
import static io.vbrelay.camera.Pictures.soi;
import static io.vbrelay.camera.Pictures.sos;
import static io.vbrelay.camera.Pictures.withoutHuffmanTables;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Writes the inputs that the fuzz tests start from. src/test/resources/io/vbrelay/camera/README.md has the command. */
final class FuzzSeeds {
    private final Path folder;

    private FuzzSeeds(Path folder) {
        this.folder = folder;
    }

    /** Takes the folder of this package in the test resources. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        new FuzzSeeds(folder.resolve("PictureFuzzTestInputs")).pictures();
        new FuzzSeeds(folder.resolve("codec/GramFuzzTestInputs")).grams();
        new FuzzSeeds(folder.resolve("http/MultipartFuzzTestInputs")).bodies();
    }

    private void pictures() throws IOException {
        byte[] jfif = jfif(16, 16);
        byte[] canon = canon(jfif);
        byte[] rest = Arrays.copyOfRange(jfif, 2, jfif.length);
        byte[] data = hex("12ff0034");
        write("smallest", smallest());
        write("jfif", jfif);
        write("progressive", progressive(16, 16));
        write("canon", canon);
        write("canon-region-of-junk", canon(jfif, hex("ffd9ffc0ffd8ff".repeat(34) + "ffe7ffff")));
        write("canon-without-huffman-tables", canon(withoutHuffmanTables(jfif)));
        write("without-huffman-tables", withoutHuffmanTables(jfif));
        write("thumbnail", concat(soi(), segment(0xE1, smallest()), rest));
        write("comment-of-length-0", concat(soi(), hex("fffe0000 61626364"), rest));
        write("comment-longer-than-it-says", concat(soi(), hex("fffe0003 0000000000"), rest));
        write("comment-beyond-the-end", concat(soi(), hex("fffeffff"), rest));
        write(
                "fill-bytes",
                concat(soi(), hex("ffffff01ffd3ffff"), sof(8, 8), hex("ffff"), sos(), data, hex("ff"), eoi()));
        write("restart-markers", concat(soi(), sof(8, 8), sos(), data, hex("ffd0"), data, hex("ffd7"), data, eoi()));
        write("arithmetic", concat(soi(), hex("ffc9000b080008000801011100"), sos(), data, eoi()));
        write(
                "tables-behind-the-scan",
                concat(soi(), sof(8, 8), sos(), data, segment(0xC4, new byte[17]), sos(), data, eoi()));
        write("padding-and-two-ends", concat(new byte[7], jfif, eoi(), new byte[99]));
        write("cut-in-the-scan", Arrays.copyOf(canon, canon.length - 2));
        write("cut-in-the-header", Arrays.copyOf(canon, 320));
        write("cut-then-whole", concat(Arrays.copyOf(canon, canon.length - 9), smallest()));
        write("three-in-a-row", concat(smallest(), canon, smallest()));
    }

    private void grams() throws IOException {
        byte[] picture = canon(jfif(16, 16));
        byte[] gram = gram(picture);
        byte[] small = gram(smallest());
        write("picture", gram);
        write("two-pictures", concat(gram, small));
        write("other-messages", concat(small, hex("7f00000000000003 010203 0100000000000000"), small));
        write("text-first", concat("100 OK\n\0".getBytes(US_ASCII), small, "late line\n".getBytes(US_ASCII), small));
        write("bare-pictures", concat(picture, smallest(), gram));
        write("cut-by-the-next", concat(Arrays.copyOf(gram, gram.length - 20), small));
        write("cut-without-header", concat(hex("ffff"), Arrays.copyOf(smallest(), 30), small));
        write("length-too-short", concat(hex("0200000000000010"), smallest(), small));
        write("length-too-long", concat(hex("0200000000000060"), smallest(), small));
        write("length-beyond-the-limit", concat(hex("02000000ffffffff"), smallest(), small));
        write("requests", hex("8500000000000000 8800000000000004014000f0 8c00000000000004030a0b0e 8500000000000000"));
        write("no-request", "GET / HTTP/1.0\r\n\r\n".getBytes(US_ASCII));
    }

    private void bodies() throws IOException {
        byte[] picture = smallest();
        byte[] type = "Content-Type: image/jpeg\r\n".getBytes(US_ASCII);
        byte[] length = ("Content-Length: " + picture.length + "\r\n").getBytes(US_ASCII);
        byte[] delimiter = "--x\r\n".getBytes(US_ASCII);
        byte[] line = "\r\n".getBytes(US_ASCII);
        byte[] part = concat(delimiter, type, length, line, picture, line);
        byte[] cut = Arrays.copyOf(picture, picture.length - 4);
        write("two-parts", concat(part, part, "--x--\r\n".getBytes(US_ASCII)));
        write(
                "lf-only",
                concat(
                        "--x\nContent-Type: image/jpeg\n\n".getBytes(US_ASCII),
                        picture,
                        "\n--x\n\n".getBytes(US_ASCII),
                        picture));
        write("no-length-no-line-end", concat(delimiter, type, line, picture, delimiter, type, line, picture));
        write("no-first-delimiter", concat(type, line, picture, line, part));
        write("no-headers", concat(delimiter, picture, delimiter, picture));
        write(
                "length-too-small",
                concat(delimiter, "Content-Length: 9\r\n\r\n".getBytes(US_ASCII), picture, line, part));
        write(
                "length-too-big",
                concat(delimiter, "Content-Length: 999999999\r\n\r\n".getBytes(US_ASCII), picture, line, part));
        write("cut-part", concat(delimiter, length, line, cut, line, part));
        write(
                "delimiter-in-a-picture",
                concat(
                        delimiter,
                        soi(),
                        segment(0xFE, concat(line, part)),
                        Arrays.copyOfRange(picture, 2, picture.length),
                        line,
                        part));
        write("no-multipart", picture);
    }

    private static byte[] gram(byte[] picture) {
        return concat(hex("02000000%08x".formatted(picture.length)), picture);
    }

    private void write(String name, byte[] bytes) throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve(name), bytes);
    }
}
