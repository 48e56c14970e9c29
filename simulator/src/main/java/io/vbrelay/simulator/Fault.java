package io.vbrelay.simulator;

/** What a camera or its network can do wrong (spec, section 7.5). docs/simulator.md has the same sentences. */
public enum Fault {
    // The way of a picture, on any port.
    CLOSE(Place.PICTURE, "the connection is closed where a picture was due"),
    STALL(Place.PICTURE, "the connection stays open and gives nothing more, until the camera is told to resume"),
    ONE_BYTE_WRITES(Place.PICTURE, "every byte is written by itself"),
    PAUSE(Place.PICTURE, "the picture's second half comes 300 ms after its first"),
    CUT(Place.PICTURE, "the connection is closed inside the picture, at a place that moves with the picture's number"),
    RESET(Place.PICTURE, "the same, with a reset instead of an orderly end"),
    HALF_CLOSE(Place.PICTURE, "the camera ends its direction inside the picture, and goes on listening"),
    TWICE(Place.PICTURE, "the picture comes twice"),
    FROZEN(Place.PICTURE, "the same bytes come as the time before"),
    GARBAGE(Place.PICTURE, "up to 4096 random bytes come before the picture"),
    GARBAGE_AFTER(Place.PICTURE, "up to 4096 random bytes come behind the picture"),

    // The JPEG file, on any port.
    NO_EOI(Place.PICTURE, "the picture's last two bytes, its end marker, are missing"),
    DOUBLE_EOI(Place.PICTURE, "the end marker comes twice"),
    PADDING(Place.PICTURE, "up to 4096 zeros follow the end marker, as a part of the file"),
    PADDING_FF(Place.PICTURE, "the same with bytes FF"),
    PADDING_RANDOM(Place.PICTURE, "the same with random bytes"),
    NO_DHT(Place.PICTURE, "the Huffman tables are left out: the standard ones are meant"),
    OPTIMISED_DHT_REMOVED(Place.PICTURE, "the Huffman tables are left out and were others: nobody can decode it"),
    LYING_LENGTH(Place.PICTURE, "a comment's length reaches into the segments behind it"),
    LENGTH_0(Place.PICTURE, "a comment has the illegal length 0"),
    LENGTH_1(Place.PICTURE, "a comment has the illegal length 1"),
    LENGTH_2(Place.PICTURE, "a comment has the length 2, which is legal and empty"),
    THUMBNAIL(Place.PICTURE, "an APP1 segment holds a whole JPEG file"),
    RESTART_MARKERS(Place.PICTURE, "the scan has restart markers"),
    RESTART_DISORDER(Place.PICTURE, "the scan has restart markers in the wrong order"),
    PROGRESSIVE(Place.PICTURE, "the picture is progressive"),
    ARITHMETIC(Place.PICTURE, "the frame header claims arithmetic coding"),
    SIZE_CHANGE(Place.PICTURE, "the picture has another of the camera's sizes"),
    GREY_SCAN(Place.PICTURE, "the second half of the scan is missing"),
    CORRUPT_SCAN(Place.PICTURE, "a part of the scan is random"),
    CLOCK_JUMP(Place.PICTURE, "the clock in Canon's block is an hour slow"),

    // Messages of the native video port.
    LENGTH_TOO_SHORT(Place.MESSAGE, "the message's length is 17 less than the picture's"),
    LENGTH_TOO_LONG(Place.MESSAGE, "the message's length is 17 more than the picture's"),
    LENGTH_HUGE(Place.MESSAGE, "the message's length is more than 2 000 000 bytes"),
    HEADER_BYTES(Place.MESSAGE, "bytes 1 to 3 of the message's header are not zero"),
    STRAY_GRAMS(
            Place.MESSAGE,
            "messages of unknown ids come before the picture's: 01 with no, 03 with 5, 7F with 1000 bytes"),
    TEXT_LINE(Place.MESSAGE, "a line of text comes before the picture's message, as if a reply were late"),

    // Text replies of the native video port.
    MISSING_NUL(Place.REPLY, "replies lack the NUL at their end"),
    LATE_REPLY(Place.REPLY, "replies come half a second late"),

    // Answers over HTTP.
    BOUNDARY_WITH_DASHES(Place.RESPONSE, "the boundary has its two dashes in the header too"),
    BOUNDARY_QUOTED(Place.RESPONSE, "the boundary is in quotes"),
    BOUNDARY_BLANKS(Place.RESPONSE, "there are blanks around the equals sign of the boundary"),
    NO_FIRST_BOUNDARY(Place.RESPONSE, "the first part has no delimiter before it"),
    LF_HEADERS(Place.RESPONSE, "lines end with LF, those of the parts too"),
    NO_REALM(Place.RESPONSE, "401, and no realm to log in to"),
    STATUS_301(Place.LIVESCOPE, "Livescope-Status 301, No Camera Control Right"),
    STATUS_404(Place.LIVESCOPE, "Livescope-Status 404, Operation Timeout"),
    STATUS_501(Place.LIVESCOPE, "Livescope-Status 501, Unknown Connection ID"),
    STATUS_503(Place.LIVESCOPE, "Livescope-Status 503, Too many clients"),
    STATUS_507(Place.LIVESCOPE, "Livescope-Status 507, Insufficient Privilege"),

    // Parts of a multipart answer.
    NO_NEWLINE_AFTER_JPEG(Place.PART, "the delimiter follows the picture without a line end"),
    NO_CONTENT_LENGTH(Place.PART, "the part has no Content-Length"),
    CONTENT_LENGTH_TOO_SMALL(Place.PART, "the Content-Length is 17 less than the picture's"),
    CONTENT_LENGTH_TOO_BIG(Place.PART, "the Content-Length is 17 more than the picture's"),
    CONTENT_LENGTH_NOT_A_NUMBER(Place.PART, "the Content-Length is a word"),
    EXTRA_HEADERS(Place.PART, "the part has headers that nobody knows"),
    CLOSE_AFTER_PART(Place.PART, "the connection is closed behind the part"),

    // The native control port.
    NO_ECHO(Place.CONTROL, "the datagram is obeyed and not answered"),
    LATE_ECHO(Place.CONTROL, "the answer comes half a second late"),
    OTHER_ECHO_FIRST(Place.CONTROL, "an answer with another id comes before the right one"),
    EVENT_STORM(Place.CONTROL, "a hundred unasked positions come before the answer"),
    RIGHT_TAKEN(Place.CONTROL, "whoever may move the camera loses the right");

    /** What is counted for a rule, and struck by it. */
    public enum Place {
        /** Pictures of any port. */
        PICTURE,
        /** Pictures of the native video port. */
        MESSAGE,
        /** Text replies of the native video port, for whole sessions: {@code @}, {@code /} and {@code %} have no meaning. */
        REPLY,
        /** Answers over HTTP. */
        RESPONSE,
        /** Answers of WV-HTTP. */
        LIVESCOPE,
        /** Pictures of a multipart answer. */
        PART,
        /** Datagrams on the native control port. */
        CONTROL
    }

    private final Place place;
    private final String sentence;

    Fault(Place place, String sentence) {
        this.place = place;
        this.sentence = sentence;
    }

    public Place place() {
        return place;
    }

    /** What goes wrong, for people: no capital at its beginning, no full stop. */
    public String sentence() {
        return sentence;
    }

    /** Whether it strikes pictures on the native video port. */
    public boolean strikesPictures() {
        return place == Place.PICTURE || place == Place.MESSAGE;
    }

    /** Reads {@code one-byte-writes}. */
    public static Fault parse(String text) {
        return Names.parse(Fault.class, "fault", text);
    }

    @Override
    public String toString() {
        return Names.of(this);
    }
}
