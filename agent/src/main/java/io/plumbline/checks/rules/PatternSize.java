package io.plumbline.checks.rules;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many steps a pattern of RE2 has at most once its repetitions are written out, told before they are: {@code (a{1,100}){1,100}} is ten
 * thousand, and RE2 for Java writes them all down before anybody can count them.
 */
final class PatternSize {

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d{1,9})(,\\d{0,9})?}");
    private static final Pattern BRACED = Pattern.compile("[pPx]\\{[^}]*}");

    /** Above this nobody has to know how much more it is. */
    static final long MUCH = 1_000_000;

    private final String pattern;
    private final Deque<Long> outside = new ArrayDeque<>();
    private long before;
    private long last;
    private int at;

    private PatternSize(String pattern) {
        this.pattern = pattern;
    }

    /** At most {@link #MUCH}; of what is no pattern, some number. */
    static long of(String pattern) {
        return new PatternSize(pattern).count();
    }

    private long count() {
        while (at < pattern.length()) {
            step(pattern.charAt(at));
        }
        long all = before + last;
        for (long part : outside) {
            all += part;
        }
        return Math.min(all, MUCH);
    }

    private void step(char one) {
        switch (one) {
            case '\\' -> escape();
            case '[' -> bracket();
            case '(' -> {
                outside.push(Math.min(before + last, MUCH));
                before = 0;
                last = 0;
                at++;
            }
            case ')' -> {
                last = Math.min(before + last + 2, MUCH);
                before = outside.isEmpty() ? 0 : outside.pop();
                at++;
            }
            case '{' -> repetition();
            case '*', '+', '?', '|' -> {
                last++;
                at++;
            }
            default -> atom(1);
        }
    }

    private void atom(int length) {
        before = Math.min(before + last, MUCH);
        last = 1;
        at += length;
    }

    private void escape() {
        if (pattern.startsWith("\\Q", at)) {
            int end = pattern.indexOf("\\E", at);
            int stop = end < 0 ? pattern.length() : end + 2;
            before = Math.min(before + last + stop - at, MUCH);
            last = 1;
            at = stop;
            return;
        }
        Matcher braced = BRACED.matcher(pattern).region(at + 1, pattern.length());
        atom(1 + (braced.lookingAt() ? braced.end() - braced.start() : 1));
    }

    /** A class is one step, whatever stands in it; its first character may be the bracket that ends others. */
    private void bracket() {
        int end = at + (pattern.startsWith("[^", at) ? 3 : 2);
        while (end < pattern.length() && pattern.charAt(end) != ']') {
            if (pattern.charAt(end) == '\\') {
                end++;
            } else if (pattern.startsWith("[:", end)) {
                int close = pattern.indexOf(":]", end);
                end = close < 0 ? end : close + 1;
            }
            end++;
        }
        atom(end + 1 - at);
    }

    private void repetition() {
        Matcher times = REPETITION.matcher(pattern).region(at, pattern.length());
        if (!times.lookingAt()) {
            atom(1);
            return;
        }
        String most = times.group(2);
        long least = Long.parseLong(times.group(1));
        long number =
                most == null || most.length() == 1 ? least + 1 : Math.max(least, Long.parseLong(most.substring(1)));
        last = Math.min(last * Math.max(number, 1), MUCH);
        at = times.end();
    }
}
