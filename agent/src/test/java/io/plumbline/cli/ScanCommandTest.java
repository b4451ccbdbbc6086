package io.plumbline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.plumbline.CapturedNode;
import io.plumbline.kubernetes.KubeletStub;
import io.plumbline.kubernetes.ManyPods;
import io.plumbline.kubernetes.TestCertificates;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be done is one line on standard error and exit status 2, and nothing on standard output. */
class ScanCommandTest {

    private static final String NO_PODS = "{\"kind\":\"PodList\",\"apiVersion\":\"v1\",\"items\":[]}";
    private static final String CONFIGURATION = "{\"kubeletconfig\":{}}";

    private final TestCertificates certificates = TestCertificates.made();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--frobnicate|unknown option '--frobnicate'",
                "--kubelet-ulr=https://x|did you mean '--kubelet-url'?",
                "-x|unknown option '-x' ('plumbline scan --help' lists the options)",
                "frobnicate|unknown word 'frobnicate'",
                "--host-root=|invalid value for option '--host-root': the name of a file or directory is empty",
                "--output|plumbline scan: missing parameter for option '--output'",
                "--output xml|--output: 'xml' is unknown; use table or json",
                "--fail-on bad|--fail-on: 'bad' is no severity; use critical, high, medium, low or info",
                "--proc /nonexistent|--proc: /nonexistent",
                "--host-root /nonexistent|--host-root: /nonexistent is no directory",
                "--pods /nonexistent|/nonexistent: no such file",
                "--pods /|/: a directory; expected a file with a list of pods as JSON",
                "--no-kubelet --pods x|--no-kubelet excludes --pods",
                "--pods x --kubelet-url https://127.0.0.1:1|--pods is read instead of asking a kubelet",
                "--kubelet-url ftp://host|--kubelet-url: ",
                "--no-kubelet --kubeconfig x|--kubeconfig: the API server is asked beside a kubelet, which --no-kubelet excludes",
                "--pods x --kubeconfig x|--kubeconfig: the API server is asked beside a kubelet, which --pods excludes",
                "--kubeconfig x|--kubeconfig: the API server is asked beside a kubelet; name that one with --kubelet-url",
                "--kubelet-url https://127.0.0.1:1 --kubeconfig /no/file|--kubeconfig: /no/file: ",
                "--kubelet-url https://127.0.0.1:1 --kubelet-client-key x|--kubelet-client-key without --kubelet-client-cert",
            })
    void badOptionIsOneLine(String words, String message) {
        assertRefused(message, words.split(" ", -1));
    }

    @Test
    void allThatIsWrongWithTheOptionsIsSaidAtOnceALineForEach() {
        Commands.Result result = Commands.run(
                "scan",
                "--output",
                "xml",
                "--fail-on",
                "bad",
                "--proc",
                "/nonexistent/proc",
                "--host-root",
                "/nonexistent",
                "--no-kubelet",
                "--kubelet-url",
                "ftp://host",
                "--kubelet-client-key",
                "x");

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .allMatch(line -> line.startsWith("plumbline scan: --"))
                .extracting(line -> line.replaceFirst("plumbline scan: (--[a-z-]+).*", "$1"))
                .containsExactly(
                        "--output",
                        "--fail-on",
                        "--proc",
                        "--host-root",
                        "--no-kubelet",
                        "--kubelet-client-key",
                        "--kubelet-url");
    }

    @Test
    void unknownOptionsAreNamedEach() {
        Commands.Result result = Commands.run("scan", "--kubelet-tokn-file", "x", "--frobnicate");

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.err().lines())
                .satisfiesExactly(
                        first -> assertThat(first).contains("did you mean '--kubelet-token-file'?"),
                        second -> assertThat(second).contains("unknown option '--frobnicate'"));
    }

    @Test
    void brokenKubeconfigIsOneLineWithThePlace() throws Exception {
        Path kubeconfig = Files.writeString(directory.resolve("kubeconfig"), "clusters: [\n");
        assertRefused(
                "--kubeconfig: " + kubeconfig + ": no kubeconfig: line 2, column 1: not YAML: ",
                "--kubelet-url",
                "https://127.0.0.1:1",
                "--kubeconfig",
                kubeconfig.toString());
    }

    @Test
    void environmentIsAsWrongAsTheCommandLine() {
        Commands.Result result = Commands.run(java.util.Map.of("PLUMBLINE_FAIL_ON", "bad"), "scan");

        assertThat(result.status()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.err()).contains("--fail-on: 'bad' is no severity");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "|: empty; expected a list of pods as JSON",
                "not json|not JSON",
                "{\"kind\":\"PodList\",\"items\":[{\"kind\":\"Pod\"|line 1",
                "{\"kind\":\"PodList\",\"items\":7}|line 1",
                "{\"kind\":\"Deployment\"}|a JSON object of kind 'Deployment'",
                "{\"kind\":\"Status\",\"message\":\"Unauthorized\"}|Unauthorized",
                "[]|"
            })
    void malformedListIsOneLine(String text, String message) throws Exception {
        Path file = Files.writeString(directory.resolve("pods.json"), text == null ? "" : text);

        assertRefused(message == null ? "" : message, "--pods", file.toString());
    }

    /** Each way of a kubelet to be of no use, by the name of what happened. */
    @TestFactory
    Stream<DynamicTest> kubeletThatIsOfNoUseIsOneLine() {
        return Stream.of(
                refusal("401", "Unauthorized", KubeletStub.status("401 Unauthorized", "Unauthorized")),
                refusal(
                        "403, with the rule that is missing",
                        "nodes/pods",
                        KubeletStub.status(
                                "403 Forbidden",
                                "Forbidden (user=system:serviceaccount:plumbline:agent, verb=get, resource=nodes,"
                                        + " subresource=pods)")),
                refusal("500", "500", KubeletStub.status("500 Internal Server Error", "sorry")),
                refusal("a page", "<html>", KubeletStub.status("200 OK", "<html><body>\nLog in\n</body></html>")),
                refusal("nothing", "empty", KubeletStub.json("")),
                refusal(
                        "cut off",
                        "/pods",
                        KubeletStub.raw(
                                "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{\"kind\":\"PodList\",\"items\":[{\"kin")));
    }

    private DynamicTest refusal(String what, String message, KubeletStub.Answer answer) {
        return DynamicTest.dynamicTest(what, () -> {
            try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET).on("/pods", answer)) {
                assertRefused(message, "--kubelet-url", kubelet.url().toString(), "--kubelet-ca", authority());
            }
        });
    }

    @Test
    void kubeletThatCannotBeTrustedIsOneLine() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.SELF_SIGNED)) {
            assertRefused(
                    "is signed by itself", "--kubelet-url", kubelet.url().toString(), "--kubelet-ca", authority());
        }
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            assertRefused(
                    "does not vouch for that",
                    "--kubelet-url",
                    kubelet.url().toString(),
                    "--kubelet-ca",
                    certificates.pem(TestCertificates.OTHER_CA).toString());
        }
    }

    @Test
    void addressWhereNobodyListensIsOneLine() throws Exception {
        int port;
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = taken.getLocalPort();
        }
        assertRefused("127.0.0.1:" + port, "--kubelet-url", "https://127.0.0.1:" + port);
    }

    /** Slower than anybody waits: given up after 15 s, and said. */
    @Test
    void kubeletThatHangsIsOneLine() throws Exception {
        KubeletStub.Answer slow = out -> {
            out.write("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{".getBytes(StandardCharsets.US_ASCII));
            out.flush();
            Thread.sleep(60_000);
        };
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET).on("/pods", slow)) {
            assertRefused(
                    "no whole answer within 15 s",
                    "--kubelet-url",
                    kubelet.url().toString(),
                    "--kubelet-ca",
                    authority());
        }
    }

    @Test
    void credentialsThatAreNotThereAreOneLine() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            assertRefused(
                    "/nonexistent/token",
                    "--kubelet-url",
                    kubelet.url().toString(),
                    "--kubelet-token-file",
                    "/nonexistent/token");
        }
    }

    @Test
    void listOf250PodsIsAScan() throws Exception {
        byte[] crowded = ManyPods.json(250);
        assertThat(crowded.length).isGreaterThan(2_000_000);
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)
                .on("/pods", KubeletStub.json(new String(crowded, StandardCharsets.UTF_8)))) {
            Commands.Result result = scanCaptured(kubelet, authority());

            assertThat(result.err()).isEmpty();
            assertThat(new ObjectMapper()
                            .readTree(result.out())
                            .at("/node/kubelet/pods")
                            .asInt())
                    .isEqualTo(250);
        }
    }

    @Test
    void emptyListIsAScanToo() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.KUBELET)) {
            Commands.Result result = scanCaptured(kubelet, authority());

            assertThat(result.err()).isEmpty();
            assertThat(new ObjectMapper()
                            .readTree(result.out())
                            .at("/node/kubelet/pods")
                            .asInt())
                    .isZero();
        }
    }

    /** Believing whoever answers is said in the report itself. */
    @Test
    void unverifiedKubeletIsShownInTheReport() throws Exception {
        try (KubeletStub kubelet = kubelet(TestCertificates.SELF_SIGNED)) {
            Commands.Result result = Commands.run(
                    "scan",
                    "--output",
                    "json",
                    "--proc",
                    CapturedNode.kubernetes().resolve("proc").toString(),
                    "--kubelet-url",
                    kubelet.url().toString(),
                    "--kubelet-insecure-skip-verify");

            assertThat(new ObjectMapper()
                            .readTree(result.out())
                            .at("/node/kubelet/warnings")
                            .toString())
                    .contains("not verified");
        }
    }

    private static Commands.Result scanCaptured(KubeletStub kubelet, String authority) {
        return Commands.run(
                "scan",
                "--output",
                "json",
                "--proc",
                CapturedNode.kubernetes().resolve("proc").toString(),
                "--kubelet-url",
                kubelet.url().toString(),
                "--kubelet-ca",
                authority);
    }

    private KubeletStub kubelet(String name) throws Exception {
        return KubeletStub.withTls(certificates.server(name), false)
                .on("/pods", KubeletStub.json(NO_PODS))
                .on("/configz", KubeletStub.json(CONFIGURATION));
    }

    private String authority() throws Exception {
        return certificates.pem(TestCertificates.CA).toString();
    }

    private static Commands.Result assertRefused(String message, String... options) {
        List<String> words = new ArrayList<>(List.of("scan"));
        words.addAll(Arrays.asList(options));
        Commands.Result result = Commands.run(words.toArray(String[]::new));

        assertThat(result.status()).as(result.err()).isEqualTo(ExitStatus.FAILED);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines()).as(result.err()).hasSize(1);
        assertThat(result.err()).startsWith("plumbline scan: ").contains(message);
        return result;
    }
}
