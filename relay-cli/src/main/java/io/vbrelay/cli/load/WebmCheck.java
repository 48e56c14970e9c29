package io.vbrelay.cli.load;

/**
 * WebM: elements of EBML (RFC 8794), named and numbered by Matroska (RFC 9559). Each is an identifier, a length, and a content. An
 * element that holds others is entered, any other stepped over; a length of ones only means "until something else begins".
 *
 * <pre>
 * EBML | Segment ( Info, Tracks ( TrackEntry ( TrackNumber, TrackType ) ),
 *                  Cluster ( Timestamp, SimpleBlock …, BlockGroup ( Block, ReferenceBlock ) ) … )
 * Block | track (1 to 4) | time, from the cluster's on (2, signed) | flags | picture
 * </pre>
 */
final class WebmCheck extends StreamCheck {
    private static final int EBML = 0x1a45dfa3;
    private static final int SEGMENT = 0x18538067;
    private static final int TRACKS = 0x1654ae6b;
    private static final int TRACK_ENTRY = 0xae;
    private static final int TRACK_NUMBER = 0xd7;
    private static final int TRACK_TYPE = 0x83;
    private static final int CLUSTER = 0x1f43b675;
    private static final int TIMESTAMP = 0xe7;
    private static final int SIMPLE_BLOCK = 0xa3;
    private static final int BLOCK_GROUP = 0xa0;
    private static final int BLOCK = 0xa1;
    private static final int REFERENCE_BLOCK = 0xfb;

    private static final int VIDEO = 1;
    private static final int KEY = 0x80;

    private static final int LONGEST_ID = 4;
    private static final int LONGEST_SIZE = 8;
    private static final int SHORTEST_ELEMENT = 2;
    private static final int BLOCK_HEADER = 3; // Behind the track's number.
    private static final long UNKNOWN = -1;
    private static final long NEVER = Long.MAX_VALUE;

    private boolean begun;
    private boolean inBlock;
    private long entryNumber;
    private long videoTrack = UNKNOWN;
    private long clusterEnd = UNKNOWN; // Outside of clusters.
    private long clusterTime;
    private long groupEnd = NEVER;
    private long groupTime = UNKNOWN;
    private boolean groupKey;

    WebmCheck() {
        super(LONGEST_ID + LONGEST_SIZE + LONGEST_SIZE, SHORTEST_ELEMENT);
    }

    @Override
    void step() {
        if (inBlock) {
            inBlock = false;
            endPicture();
            next(0, SHORTEST_ELEMENT);
            return;
        }
        int idBytes = length(at(0));
        if (idBytes > LONGEST_ID) {
            breaks(begun ? "no element where one should be" : "no EBML header");
            return;
        }
        if (!has(idBytes + 1)) {
            return;
        }
        int sizeBytes = length(at(idBytes));
        if (sizeBytes > LONGEST_SIZE) {
            breaks("bad element length");
            return;
        }
        int header = idBytes + sizeBytes;
        if (!has(header)) {
            return;
        }
        long mask = (1L << (7 * sizeBytes)) - 1;
        long size = number(idBytes, sizeBytes) & mask;
        element((int) number(0, idBytes), header, size == mask ? UNKNOWN : size);
    }

    /** Of an identifier, a length or a number of a track, by its first byte; 9 if there is none such. */
    private static int length(int first) {
        return Integer.numberOfLeadingZeros(first) - 23;
    }

    private void element(int id, int header, long size) {
        if (!begun && id != EBML) {
            breaks("no EBML header");
            return;
        }
        begun = true;
        if (unitStart() >= groupEnd) {
            endGroup();
        }
        if (unitStart() >= clusterEnd || id == CLUSTER) {
            clusterEnd = UNKNOWN;
        }
        long end = size == UNKNOWN ? UNKNOWN : unitStart() + header + size;
        boolean enters = id == SEGMENT || id == CLUSTER;
        if (size == UNKNOWN && !enters) {
            breaks("element without a length");
        } else if (size > LONGEST_BYTES && !enters) {
            breaks("element too long");
        } else if (clusterEnd != UNKNOWN && end > Math.min(clusterEnd, groupEnd)) {
            breaks("element longer than what it is in");
        } else {
            switch (id) {
                case SEGMENT, TRACKS, TRACK_ENTRY -> next(0, SHORTEST_ELEMENT);
                case CLUSTER -> {
                    clusterEnd = end == UNKNOWN ? NEVER : end;
                    clusterTime = UNKNOWN;
                    next(0, SHORTEST_ELEMENT);
                }
                case BLOCK_GROUP -> {
                    groupEnd = end;
                    groupKey = true;
                    next(0, SHORTEST_ELEMENT);
                }
                case TRACK_NUMBER, TRACK_TYPE, TIMESTAMP -> number(id, header, (int) size);
                case SIMPLE_BLOCK, BLOCK -> block(id, header, size);
                case REFERENCE_BLOCK -> {
                    groupKey = false;
                    next(size, SHORTEST_ELEMENT);
                }
                default -> next(size, SHORTEST_ELEMENT);
            }
        }
    }

    private void number(int id, int header, int size) {
        if (size < 1 || size > LONGEST_SIZE) {
            breaks("bad number");
            return;
        }
        if (!has(header + size)) {
            return;
        }
        long number = number(header, size);
        switch (id) {
            case TRACK_NUMBER -> entryNumber = number;
            case TRACK_TYPE -> videoTrack = number == VIDEO && videoTrack == UNKNOWN ? entryNumber : videoTrack;
            default -> clusterTime = number & Long.MAX_VALUE; // Too large is too large.
        }
        next(0, SHORTEST_ELEMENT);
    }

    private void block(int id, int header, long size) {
        if (clusterEnd == UNKNOWN || clusterTime == UNKNOWN) {
            breaks("block outside of a cluster");
            return;
        }
        if (!has(header + 1)) {
            return;
        }
        int trackBytes = length(at(header));
        int looked = trackBytes + BLOCK_HEADER;
        if (trackBytes > LONGEST_ID || size < looked) {
            breaks("block too short");
            return;
        }
        if (!has(header + looked)) {
            return;
        }
        long track = number(header, trackBytes) & ((1L << (7 * trackBytes)) - 1);
        long time = clusterTime + (short) number(header + trackBytes, 2);
        if (track == videoTrack && id == SIMPLE_BLOCK) {
            beginPicture(time, 1, (at(header + trackBytes + 2) & KEY) != 0);
        } else if (track == videoTrack) {
            groupTime = time;
        }
        inBlock = true;
        next(size - looked, 0);
    }

    /** Only now it is known whether its picture refers to another. */
    private void endGroup() {
        if (groupTime != UNKNOWN) {
            beginPicture(groupTime, 1, groupKey);
            endPicture();
        }
        groupEnd = NEVER;
        groupTime = UNKNOWN;
    }
}
