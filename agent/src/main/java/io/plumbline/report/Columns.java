package io.plumbline.report;

import java.util.ArrayList;
import java.util.List;

/** Rows of text set in columns that fit a width; a long cell goes on in the next line rather than losing its end. */
final class Columns {

    private static final int GAP = 2;
    private static final int NARROWEST = 8;
    private static final String MARKS = "-/.,:=_";

    private final List<List<String>> rows = new ArrayList<>();

    void row(List<String> cells) {
        rows.add(List.copyOf(cells));
    }

    /** The lines, none longer than the width as far as the narrowest columns allow. */
    List<String> lines(int width) {
        int[] widths = widths(width);
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            List<List<String>> wrapped = new ArrayList<>();
            int height = 1;
            for (int i = 0; i < row.size(); i++) {
                wrapped.add(wrap(row.get(i), widths[i]));
                height = Math.max(height, wrapped.get(i).size());
            }
            for (int line = 0; line < height; line++) {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < row.size(); i++) {
                    String cell = line < wrapped.get(i).size() ? wrapped.get(i).get(line) : "";
                    text.append(cell);
                    if (i + 1 < row.size()) {
                        text.append(" ".repeat(widths[i] - cell.length() + GAP));
                    }
                }
                lines.add(text.toString().stripTrailing());
            }
        }
        return lines;
    }

    /** Each column as wide as its longest cell; what is too much is taken from the widest. */
    private int[] widths(int width) {
        int columns = rows.isEmpty() ? 0 : rows.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int i = 0; i < columns; i++) {
                widths[i] = Math.max(widths[i], Math.max(1, row.get(i).length()));
            }
        }
        while (sum(widths) + GAP * (columns - 1) > width) {
            int widest = 0;
            for (int i = 1; i < columns; i++) {
                if (widths[i] > widths[widest]) {
                    widest = i;
                }
            }
            if (widths[widest] <= NARROWEST) {
                break;
            }
            widths[widest]--;
        }
        return widths;
    }

    private static int sum(int[] values) {
        int sum = 0;
        for (int value : values) {
            sum += value;
        }
        return sum;
    }

    /** Lines of at most the width, broken at spaces where there are some, else between the parts of a name or path. */
    static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        String rest = text;
        while (rest.length() > width) {
            int space = rest.lastIndexOf(' ', width);
            int end = space > 0 ? space : part(rest, width);
            lines.add(rest.substring(0, end));
            rest = rest.substring(space > 0 ? end + 1 : end);
        }
        lines.add(rest);
        return lines;
    }

    /** Behind the last mark of a name or path that stands in the second half of the width; else the width. */
    private static int part(String text, int width) {
        for (int end = width; end > width / 2; end--) {
            if (MARKS.indexOf(text.charAt(end - 1)) >= 0) {
                return end;
            }
        }
        return width;
    }
}
