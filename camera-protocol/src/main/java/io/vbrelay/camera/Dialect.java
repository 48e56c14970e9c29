package io.vbrelay.camera;

/** How one kind of firmware is spoken to, as data. */
public record Dialect(String name) {}
