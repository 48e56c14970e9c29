package io.vbrelay.camera;

/** What becomes of a picture whose scan has begun and whose end marker is missing (spec, section 4). */
public enum PartialFrames {
    /** Nobody sees it. */
    DROP,
    /** An end marker is put behind what came; a decoder shows the missing part grey or as it was before. */
    REPAIR
}
