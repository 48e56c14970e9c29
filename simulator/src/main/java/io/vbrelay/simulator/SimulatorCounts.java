package io.vbrelay.simulator;

/**
 * What a simulated camera has seen since its start.
 *
 * @param accepted connections, those refused not among them
 * @param refused connections beyond the most allowed
 * @param open connections now
 * @param requests for a picture, also those that were ignored because two were waiting
 * @param frames pictures handed to a connection, whole or damaged
 * @param faults that struck a picture; two that strike the same one are two
 */
public record SimulatorCounts(long accepted, long refused, int open, long requests, long frames, long faults) {}
