package io.vbrelay.camera;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class StandardHuffmanTablesTest {
    /** Spec, section 11. */
    private static final String SHA_256 = "61c9136fec639109467111f35241456fa84980e115cecae6273ae323b0d320bc";

    @Test
    void segmentIsTheOneOfAnnexK3() throws Exception {
        byte[] segment = StandardHuffmanTables.segment();
        assertThat(segment).hasSize(420);
        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(segment)))
                .isEqualTo(SHA_256);
    }
}
