package io.plumbline.kubernetes;

import io.plumbline.kubernetes.ManifestValue.ScalarType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What an unquoted scalar of YAML means to Kubernetes, whose parser follows YAML 1.1 here: {@code yes} and {@code on} are true, {@code
 * 010} is 8, {@code 1_000} is 1000, and nothing counts in sixties. See {@code resolve.go} of go.yaml.in/yaml/v2.
 *
 * @param text numbers in decimal notation, everything else as it stands
 */
record PlainScalar(ScalarType type, String text) {

    private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");
    private static final Set<String> TRUES =
            Set.of("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON");
    private static final Set<String> FALSES =
            Set.of("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF");

    private static final Pattern WHOLE =
            Pattern.compile("([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9]\\d*))");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(?:\\.\\d+|\\d+(?:\\.\\d*)?)(?:[eE][-+]?\\d+)?");
    private static final Pattern SPECIAL = Pattern.compile("\\.(?:nan|NaN|NAN)|[-+]?\\.(?:inf|Inf|INF)");

    /** More digits than the largest number of 64 bits has in any notation. */
    private static final int LONGEST = 72;

    /** Up to here a number without a fraction is written without an exponent. */
    private static final double WRITTEN_OUT = 1e21;

    static PlainScalar of(String scalar) {
        if (NULLS.contains(scalar)) {
            return new PlainScalar(ScalarType.NULL, scalar);
        }
        if (TRUES.contains(scalar)) {
            return new PlainScalar(ScalarType.TRUE, scalar);
        }
        if (FALSES.contains(scalar)) {
            return new PlainScalar(ScalarType.FALSE, scalar);
        }
        if (scalar.length() > LONGEST || "+-.0123456789".indexOf(scalar.charAt(0)) < 0) {
            return new PlainScalar(ScalarType.TEXT, scalar);
        }
        return SPECIAL.matcher(scalar).matches() ? new PlainScalar(ScalarType.DECIMAL, scalar) : number(scalar);
    }

    private static PlainScalar number(String scalar) {
        String digits = scalar.startsWith(".") ? scalar : scalar.replace("_", "");
        var whole = WHOLE.matcher(digits);
        if (whole.matches()) {
            BigInteger value = whole.group(2) != null
                    ? new BigInteger(whole.group(2), 16)
                    : whole.group(3) != null
                            ? new BigInteger(whole.group(3), 2)
                            : whole.group(4) != null
                                    ? new BigInteger(whole.group(4), 8)
                                    : new BigInteger(whole.group(5));
            return new PlainScalar(
                    ScalarType.INTEGER, (whole.group(1).equals("-") ? value.negate() : value).toString());
        }
        if (!DECIMAL.matcher(digits).matches()) {
            return new PlainScalar(ScalarType.TEXT, scalar);
        }
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
            return new PlainScalar(ScalarType.TEXT, scalar);
        }
        return Math.rint(value) == value && Math.abs(value) < WRITTEN_OUT
                ? new PlainScalar(
                        ScalarType.INTEGER, new BigDecimal(value).toBigInteger().toString())
                : new PlainScalar(ScalarType.DECIMAL, digits);
    }
}
