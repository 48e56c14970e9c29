package io.vbrelay.relay.http;

import static io.netty.handler.codec.http.HttpHeaderNames.CACHE_CONTROL;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * The files of the page: HTML, scripts, styles. All there are in the folder {@code page} beside this package are read at the start,
 * from a jar as from a folder; an address only picks one of them.
 *
 * <p><b>Threads.</b> Immutable.
 */
final class PageFiles {
    private static final String FOLDER = "/io/vbrelay/relay/page/";

    /** By extension; what else there is tells of licences. */
    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript",
            "css", "text/css",
            "svg", "image/svg+xml",
            "png", "image/png",
            "yaml", "application/yaml"); // RFC 9512

    private static final String TEXT = "text/plain; charset=utf-8";

    /** Nothing comes from elsewhere, and no script or style stands in the HTML, so none can be smuggled into it. */
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self';"
            + " img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none';"
            + " frame-ancestors ";

    /** The one that pages of others show in a frame. */
    private static final String EMBED = "embed.html";

    /** Of {@code Accept-Encoding}: weight zero (RFC 9110, section 12.4.2). */
    private static final Pattern NO_GZIP =
            Pattern.compile("gzip\\s*;\\s*q=0(\\.0*)?\\s*(,|$)", Pattern.CASE_INSENSITIVE);

    private final Map<String, PageFile> files;

    /** @param gzip null where it would be no shorter */
    private record PageFile(
            String type,
            String policy,
            Content plain,
            @Nullable Content gzip) {}

    /**
     * @param bytes to be lent by {@link ByteBuf#duplicate}; nobody frees them
     * @param tag strong: it is the hash of these bytes
     */
    private record Content(ByteBuf bytes, String tag) {
        static Content of(byte[] bytes) {
            try {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(bytes);
                ByteBuf kept = Unpooled.unreleasableBuffer(
                        Unpooled.wrappedBuffer(bytes).asReadOnly());
                return new Content(kept, '"' + HexFormat.of().formatHex(hash, 0, 16) + '"');
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("every Java has SHA-256", e);
            }
        }
    }

    private PageFiles(Map<String, PageFile> files) {
        this.files = files;
    }

    static PageFiles read() throws IOException {
        URL index = PageFiles.class.getResource(FOLDER + "index.html");
        if (index == null) {
            throw new IOException("the page is missing in this build: " + FOLDER);
        }
        if (index.openConnection() instanceof JarURLConnection connection) {
            Path jar = Path.of(URI.create(connection.getJarFileURL().toString()));
            try (FileSystem inside = FileSystems.newFileSystem(jar)) {
                return read(inside.getPath(FOLDER));
            }
        }
        return read(Path.of(URI.create(index.toString())).resolveSibling(".").normalize());
    }

    private static PageFiles read(Path folder) throws IOException {
        Map<String, PageFile> files = new HashMap<>();
        try (Stream<Path> walk = Files.walk(folder)) {
            for (Path path : walk.filter(Files::isRegularFile).toList()) {
                String name = folder.relativize(path).toString().replace('\\', '/');
                files.put(name, file(name, Files.readAllBytes(path)));
            }
        }
        return new PageFiles(files);
    }

    private static PageFile file(String name, byte[] bytes) {
        byte[] shorter = gzip(bytes);
        return new PageFile(
                TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), TEXT),
                POLICY + (name.equals(EMBED) ? "*" : "'none'"),
                Content.of(bytes),
                shorter.length < bytes.length ? Content.of(shorter) : null);
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream shorter = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(shorter)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return shorter.toByteArray();
    }

    /** @param name below the folder, such as {@code player/player.js} */
    void answer(ChannelHandlerContext ctx, HttpRequest request, String name) {
        PageFile file = files.get(name);
        if (file == null) {
            Answer.problem(ctx, request, HttpResponseStatus.NOT_FOUND, "the page has no file '" + name + "'; see /");
            return;
        }
        HttpHeaders headers = new DefaultHttpHeaders()
                .set(HttpHeaderNames.CONTENT_TYPE, file.type())
                .set(CACHE_CONTROL, "no-cache") // May be kept, but asked about each time.
                .set(HttpHeaderNames.VARY, HttpHeaderNames.ACCEPT_ENCODING)
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY, file.policy())
                .set("x-content-type-options", "nosniff")
                .set("referrer-policy", "no-referrer");
        Content content = file.plain();
        if (file.gzip() != null && takesGzip(request)) {
            content = file.gzip();
            headers.set(HttpHeaderNames.CONTENT_ENCODING, HttpHeaderValues.GZIP);
        }
        headers.set(HttpHeaderNames.ETAG, content.tag());
        if (Validators.isNamed(content.tag(), request.headers())) {
            Answer.body(ctx, request, HttpResponseStatus.NOT_MODIFIED, Unpooled.EMPTY_BUFFER, headers);
        } else {
            Answer.body(ctx, request, HttpResponseStatus.OK, content.bytes().duplicate(), headers);
        }
    }

    private static boolean takesGzip(HttpRequest request) {
        String accepted = String.join(",", request.headers().getAll(HttpHeaderNames.ACCEPT_ENCODING));
        return accepted.toLowerCase(Locale.ROOT).contains("gzip")
                && !NO_GZIP.matcher(accepted).find();
    }
}
