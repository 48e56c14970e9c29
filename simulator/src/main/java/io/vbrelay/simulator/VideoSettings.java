package io.vbrelay.simulator;

import java.time.Duration;
import java.util.HexFormat;

/**
 * How the native video port behaves (spec, section 7.2).
 *
 * @param versionReply answer to {@code VERSION}; its words are invented, but for "100"
 * @param muxconfReply answer to {@code GET MUXCONF}, invented likewise
 * @param startGram hexadecimal; sent after {@code START}; empty sends nothing
 * @param maxClients connections beyond these are turned away; a real camera's number is not known
 * @param idleTimeout a connection that sends nothing for so long is closed; 0 closes none
 */
public record VideoSettings(
        String versionReply,
        String muxconfReply,
        String startGram,
        InitReply initReply,
        Pipelining pipelining,
        RawFrames rawFrames,
        int maxClients,
        Overload overload,
        Duration idleTimeout) {
    /** What comes back on the opening messages 87, 8C, 8D and 91. */
    public enum InitReply {
        NONE,
        /** The same message. */
        ECHO;

        public static InitReply parse(String text) {
            return Names.parse(InitReply.class, "initReply", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    /** What becomes of a request for a picture while another waits. */
    public enum Pipelining {
        /** One more may wait. */
        QUEUE,
        /** It is lost. */
        IGNORE;

        public static Pipelining parse(String text) {
            return Names.parse(Pipelining.class, "pipelining", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    /** What a client of 2007's kind gets. */
    public enum RawFrames {
        /** JPEG files, one behind the other. */
        BARE,
        /** Messages, as any other client. */
        GRAM;

        public static RawFrames parse(String text) {
            return Names.parse(RawFrames.class, "rawFrames", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    /** How a client too many is turned away. */
    public enum Overload {
        /** Its connection is reset. */
        REFUSE,
        /** Its connection is closed. */
        ACCEPT_AND_CLOSE,
        /** It is connected and never gets an answer. */
        ACCEPT_AND_STALL;

        public static Overload parse(String text) {
            return Names.parse(Overload.class, "overload", text);
        }

        @Override
        public String toString() {
            return Names.of(this);
        }
    }

    public static final VideoSettings DEFAULTS = new VideoSettings(
            TextPhase.OK,
            TextPhase.OK,
            "",
            InitReply.NONE,
            Pipelining.QUEUE,
            RawFrames.BARE,
            10,
            Overload.REFUSE,
            Duration.ZERO);

    public VideoSettings {
        try {
            HexFormat.of().parseHex(startGram);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("startGram: expected hexadecimal bytes, got '" + startGram + "'", e);
        }
        if (maxClients < 1) {
            throw new IllegalArgumentException("maxClients: expected at least 1, got '" + maxClients + "'");
        }
        if (idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout: expected 0 or more, got '" + idleTimeout + "'");
        }
    }

    public VideoSettings withReplies(String version, String muxconf) {
        return new VideoSettings(
                version, muxconf, startGram, initReply, pipelining, rawFrames, maxClients, overload, idleTimeout);
    }

    public VideoSettings withStartGram(String hex) {
        return new VideoSettings(
                versionReply, muxconfReply, hex, initReply, pipelining, rawFrames, maxClients, overload, idleTimeout);
    }

    public VideoSettings withInitReply(InitReply reply) {
        return new VideoSettings(
                versionReply, muxconfReply, startGram, reply, pipelining, rawFrames, maxClients, overload, idleTimeout);
    }

    public VideoSettings withPipelining(Pipelining pipelining) {
        return new VideoSettings(
                versionReply,
                muxconfReply,
                startGram,
                initReply,
                pipelining,
                rawFrames,
                maxClients,
                overload,
                idleTimeout);
    }

    public VideoSettings withRawFrames(RawFrames frames) {
        return new VideoSettings(
                versionReply,
                muxconfReply,
                startGram,
                initReply,
                pipelining,
                frames,
                maxClients,
                overload,
                idleTimeout);
    }

    public VideoSettings withMaxClients(int most, Overload overload) {
        return new VideoSettings(
                versionReply, muxconfReply, startGram, initReply, pipelining, rawFrames, most, overload, idleTimeout);
    }

    public VideoSettings withIdleTimeout(Duration timeout) {
        return new VideoSettings(
                versionReply, muxconfReply, startGram, initReply, pipelining, rawFrames, maxClients, overload, timeout);
    }
}
