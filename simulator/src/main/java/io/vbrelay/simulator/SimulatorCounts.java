package io.vbrelay.simulator;

/**
 * What a simulated camera has seen since its start.
 *
 * @param accepted connections to the native video port, those refused not among them
 * @param refused connections beyond the most allowed
 * @param open connections to the native video port now
 * @param requests for a picture on the native video port, also those that were ignored because others were waiting
 * @param frames pictures handed to a connection of any port, whole or damaged
 * @param faults that struck; two that strike the same picture are two
 * @param datagrams on the native control port
 * @param httpRequests but for those of the simulator's own API
 */
public record SimulatorCounts(
        long accepted,
        long refused,
        int open,
        long requests,
        long frames,
        long faults,
        long datagrams,
        long httpRequests) {}
