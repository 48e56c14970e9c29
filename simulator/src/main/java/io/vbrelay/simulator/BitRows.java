package io.vbrelay.simulator;

/**
 * Where a chart carries its frame number and its clock as black and white blocks.
 *
 * <p>The picture is divided into {@value #COLUMNS} columns and {@value #ROWS} rows; the lowest two rows are used, so a block
 * is 8x8 pixels at 320x240 and survives lossy coding and scaling. A row holds, from column {@value #FIRST_COLUMN} on:
 *
 * <pre>
 *   white  black  bit 31 ... bit 0  parity      white is 1, black is 0; the parity makes the number of ones even
 * </pre>
 */
final class BitRows {
    static final int COLUMNS = 40;
    static final int ROWS = 30;
    static final int FIRST_COLUMN = 2;
    static final int NUMBER_ROW = 28;
    static final int CLOCK_ROW = 29;
    static final int WHITE = 0;
    static final int BLACK = 1;
    static final int FIRST_BIT = 2;
    static final int BLOCKS = FIRST_BIT + Integer.SIZE + 1;

    private BitRows() {}

    /** Whether a block of the row that carries this value is white. */
    static boolean isWhite(int value, int block) {
        if (block < FIRST_BIT) {
            return block == WHITE;
        }
        int bit = block - FIRST_BIT;
        return bit < Integer.SIZE ? (value << bit) < 0 : Integer.bitCount(value) % 2 == 1;
    }
}
