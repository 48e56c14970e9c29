package io.vbrelay.camera;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/** Guesses which of the known words was meant by one that is unknown. */
public final class Nearest {
    private Nearest() {}

    /** The word with the fewest letters that differ; the first of several; empty if there is none. */
    public static String of(String word, Collection<String> words) {
        return words.stream()
                .min(Comparator.comparingInt(candidate -> distance(word, candidate)))
                .orElse("");
    }

    /** Letters to insert, remove or replace (Levenshtein). */
    public static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
