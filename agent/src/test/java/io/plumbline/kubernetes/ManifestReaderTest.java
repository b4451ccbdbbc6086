package io.plumbline.kubernetes;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.plumbline.model.DeclaredContainer;
import io.plumbline.model.DeclaredPod;
import io.plumbline.model.Manifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestReaderTest {

    @Test
    void podSaysWhoItIsAndWhatItMayDo() throws Exception {
        Manifest manifest = one("""
                # a comment first

                apiVersion: v1
                kind: Pod
                metadata:
                  name: web
                  namespace: shop
                  labels: {app: web}
                  annotations:
                    container.apparmor.security.beta.kubernetes.io/main: unconfined
                spec:
                  hostPID: true
                  containers:
                    - name: main
                      image: nginx
                """);
        assertThat(manifest.kind()).isEqualTo("Pod");
        assertThat(manifest.name()).isEqualTo("web");
        assertThat(manifest.line()).isEqualTo(3);
        assertThat(manifest.notes()).isEmpty();
        DeclaredPod pod = manifest.pod().orElseThrow();
        assertThat(pod.namespace()).isEqualTo("shop");
        assertThat(pod.name()).isEqualTo("web");
        assertThat(pod.workload()).isEqualTo("web");
        assertThat(pod.uid()).isEmpty();
        assertThat(pod.cgroupUids()).isEmpty();
        assertThat(pod.hostPid()).isTrue();
        assertThat(pod.labels()).containsEntry("app", "web");
        assertThat(pod.annotations())
                .containsEntry("container.apparmor.security.beta.kubernetes.io/main", "unconfined");
        assertThat(pod.containers()).extracting(DeclaredContainer::image).containsExactly("nginx");
    }

    @ParameterizedTest
    @CsvSource({
        "apps/v1, Deployment, spec.template",
        "apps/v1, DaemonSet, spec.template",
        "apps/v1, StatefulSet, spec.template",
        "apps/v1, ReplicaSet, spec.template",
        "apps/v1beta2, Deployment, spec.template",
        "extensions/v1beta1, DaemonSet, spec.template",
        "v1, ReplicationController, spec.template",
        "v1, PodTemplate, template",
        "batch/v1, Job, spec.template",
        "batch/v1, CronJob, spec.jobTemplate.spec.template",
        "batch/v1beta1, CronJob, spec.jobTemplate.spec.template"
    })
    void workloadCarriesItsPodInATemplate(String apiVersion, String kind, String path) throws Exception {
        StringBuilder text = new StringBuilder(
                "apiVersion: " + apiVersion + "\nkind: " + kind
                        + "\nmetadata: {name: w, namespace: shop, annotations: {seccomp.security.alpha.kubernetes.io/pod: outside}}\n");
        String indent = "";
        for (String field : path.split("\\.", -1)) {
            text.append(indent).append(field).append(":\n");
            indent += "  ";
        }
        text.append(indent)
                .append("metadata: {annotations: {seccomp.security.alpha.kubernetes.io/pod: inside}}\n")
                .append(indent)
                .append("spec: {hostIPC: true, containers: [{name: a, imagee: x}]}\n");
        Manifest manifest = one(text.toString());
        DeclaredPod pod = manifest.pod().orElseThrow();
        assertThat(manifest.kind()).isEqualTo(kind);
        assertThat(manifest.name()).isEqualTo("w");
        assertThat(pod.hostIpc()).isTrue();
        assertThat(pod.namespace()).isEqualTo("shop");
        assertThat(pod.annotations()).containsEntry("seccomp.security.alpha.kubernetes.io/pod", "inside");
        assertThat(manifest.notes())
                .singleElement()
                .asString()
                .contains("unknown field '" + path + ".spec.containers[0].imagee' has no effect");
    }

    @ParameterizedTest
    @CsvSource({
        "v1, Service",
        "batch.volcano.sh/v1alpha1, Job",
        "example.org/v1, Pod",
        "v1, Deployment",
        "apps/v1, Pod",
        "v1, ConfigMap"
    })
    void otherKindsCarryNoPod(String apiVersion, String kind) throws Exception {
        Manifest manifest = one("apiVersion: " + apiVersion + "\nkind: " + kind
                + "\nmetadata: {name: x}\nspec: {hostPID: true, template: {spec: {hostPID: true}}}\n");
        assertThat(manifest.pod()).isEmpty();
        assertThat(manifest.notes()).isEmpty();
    }

    @Test
    void templateThatIsMissingIsNamed() throws Exception {
        Manifest manifest = one("apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\nspec: {templete: {}}\n");
        assertThat(manifest.pod()).isEmpty();
        assertThat(manifest.notes()).containsExactly("spec.template is missing: the API server refuses it");
    }

    @Test
    void severalDocumentsAreReadInTheirOrderAndEmptyOnesPassedOver() throws Exception {
        List<Manifest> all = read("""
                ---
                # nothing
                ---
                apiVersion: v1
                kind: Pod
                metadata: {name: one}
                spec: {containers: [{name: a}]}
                --- # the next one
                ~
                ---
                apiVersion: v1
                kind: Service
                metadata: {name: two}
                ...
                ---
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "three-"}, "spec": {"containers": [{"name": "a"}]}}
                """);
        assertThat(all)
                .extracting(Manifest::kind, Manifest::name, Manifest::line)
                .containsExactly(tuple("Pod", "one", 4), tuple("Service", "two", 11), tuple("Pod", "three-", 16));
    }

    @Test
    void listsAreTakenApart() throws Exception {
        List<Manifest> all = read("""
                apiVersion: v1
                kind: List
                items:
                - apiVersion: v1
                  kind: Pod
                  metadata: {name: one}
                  spec: {containers: [{name: a}]}
                - apiVersion: v1
                  kind: PodList
                  items:
                  - metadata: {name: two}
                    spec: {containers: [{name: a}]}
                - apiVersion: apps/v1
                  kind: DeploymentList
                  items:
                  - metadata: {name: three}
                    spec: {template: {spec: {containers: [{name: a}]}}}
                - {apiVersion: v1, kind: ServiceList, items: []}
                - {apiVersion: v1, kind: List}
                """);
        assertThat(all)
                .extracting(
                        Manifest::kind,
                        Manifest::name,
                        manifest -> manifest.pod().isPresent())
                .containsExactly(
                        tuple("Pod", "one", true), tuple("Pod", "two", true), tuple("Deployment", "three", true));
        assertThat(all).allSatisfy(manifest -> assertThat(manifest.notes()).isEmpty());
    }

    @Test
    void jsonObjectsOneAfterTheOtherAreRead() throws Exception {
        String pod = "\t{\"kind\": \"Pod\", \"apiVersion\": \"v1\",\n\t\"metadata\": {\"name\": \"x\"}, \"spec\":"
                + " {\"hostPID\": true, \"containers\": [{\"name\": \"a\"}]}}\n";
        assertThat(read(pod + pod))
                .hasSize(2)
                .allSatisfy(manifest ->
                        assertThat(manifest.pod().orElseThrow().hostPid()).isTrue());
    }

    @Test
    void hostNetworkMakesAHostPortOfEachPortOfAPodButNotOfATemplate() throws Exception {
        String spec = "{hostNetwork: true, initContainers: [{name: i, ports: [{containerPort: 1}]}],"
                + " containers: [{name: a, ports: [{containerPort: 80}, {containerPort: 81, hostPort: 9}, {name: x}]}]}";
        assertThat(hostPorts(one("apiVersion: v1\nkind: Pod\nspec: " + spec)))
                .containsExactly(Optional.of(1), Optional.of(80), Optional.of(9), Optional.empty());
        assertThat(hostPorts(one("apiVersion: v1\nkind: Pod\nspec: " + spec.replace("true", "false"))))
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of(9), Optional.empty());
        assertThat(hostPorts(one("apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: " + spec + "}}")))
                .containsExactly(Optional.empty(), Optional.empty(), Optional.of(9), Optional.empty());
    }

    @Test
    void whatTheApiServerRefusesAnywayIsNoted() throws Exception {
        assertThat(one("kind: Pod\nspec: {containers: [{name: a}]}").notes())
                .containsExactly("no apiVersion: the API server refuses it");
        assertThat(one("apiVersion: v1\nkind: Pod\n").notes())
                .containsExactly("no container in it: the API server refuses it");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "hostPID: 'true' | line 4, column 12: expected true or false, found the text 'true', in 'spec.hostPID'",
                "hostPID: 1 | line 4, column 12: expected true or false, found '1', in 'spec.hostPID'",
                "containers: {} | line 4, column 15: expected a list, found an object, in 'spec.containers'",
                "containers: [a] | line 4, column 16: expected an object, found the text 'a', in 'spec.containers[0]'",
                "containers: [{image: x}] | line 4, column 16: a container without a name, in 'spec.containers[0]'",
                "containers: [{name: a}, {name: 1}] | line 4, column 34: expected a text, found '1', in 'spec.containers[1].name'",
                "containers: [{name: n}] | line 4, column 23: expected a text, found 'false', in 'spec.containers[0].name'",
                "securityContext: [] | line 4, column 20: expected an object, found a list, in 'spec.securityContext'",
                "securityContext: {runAsUser: '0'} | line 4, column 32: expected a whole number, found the text '0', in 'spec.securityContext.runAsUser'",
                "securityContext: {runAsUser: 1.5} | line 4, column 32: expected a whole number, found '1.5', in 'spec.securityContext.runAsUser'",
                "securityContext: {runAsUser: 9223372036854775808} | line 4, column 32: expected a whole number of 64 bits, found '9223372036854775808', in 'spec.securityContext.runAsUser'",
                "containers: [{name: a, ports: [{hostPort: 65536}]}] | line 4, column 45: expected a port, found '65536', in 'spec.containers[0].ports[0].hostPort'",
            })
    void valueOfAnotherTypeIsAnErrorWithItsPlace(String field, String message) {
        assertThatThrownBy(() -> read("apiVersion: v1\nkind: Pod\nspec:\n  " + field + "\n"))
                .isInstanceOf(ManifestException.class)
                .hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "apiVersion: v1 | line 1, column 1: an object without a kind is none of Kubernetes",
                "hello | line 1, column 1: expected an object of Kubernetes, found the text 'hello'",
                "- a | line 1, column 1: expected an object of Kubernetes, found a list",
                "{kind: List, items: {}} | line 1, column 21: expected a list, found an object, in 'items'",
                "{kind: List, items: [a]} | line 1, column 22: expected an object of Kubernetes, found the text 'a'",
                "{apiVersion: v1, kind: Pod, metadata: 1} | line 1, column 39: expected an object, found '1', in 'metadata'",
                "{apiVersion: apps/v1, kind: Deployment, spec: []} | line 1, column 47: expected an object, found a list, in 'spec'",
                "{'kind': 'Pod', 'kind': 'Pod'} | line 1, column 17: the field 'kind' stands here again, first in line 1; leave one out",
            })
    void whatIsNoObjectIsAnErrorWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ManifestException.class)
                .hasMessage(message);
    }

    @Test
    void listsInListsHaveAnEnd() {
        String text = "{kind: List, items: [".repeat(11) + "]}".repeat(11);
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ManifestException.class)
                .hasMessageEndingWith("lists in lists, more than 10 deep");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n\n", "# only a comment\n", "---\n---\n", "~\n", "\ufeff"})
    void manifestWithoutAnObjectIsEmpty(String text) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ManifestException.class)
                .hasMessage("empty: no object in it");
    }

    @Test
    void objectsBeforeAnErrorHaveBeenHandedOver() {
        List<Manifest> seen = new ArrayList<>();
        assertThatThrownBy(() ->
                        new ManifestReader().read(stream("kind: Service\n---\nkind: [\n".getBytes(UTF_8)), seen::add))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith("line 4, column 1: not YAML: ");
        assertThat(seen).extracting(Manifest::kind).containsExactly("Service");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"kind\": \"Pod\", | line 1, column 16: not JSON: Unexpected end-of-input",
                "{\"items\": [ | line 1, column 12: not JSON: Unexpected end-of-input: expected close marker for Array (start marker at line 1, column 11)",
                "{\"kind\": Pod} | line 1, column 10: not JSON: Unrecognized token 'Pod'",
                "{\"kind\": \"Pod\"}} | line 1, column 16: not JSON: Unexpected close marker '}'",
                "{\"kind\": \"Pod\", \"kind\": \"Pod\"} | line 1, column 17: the field 'kind' stands here again, first in line 1",
                "{\"kind\": \"\\q\"} | line 1, column 12: not JSON: Unrecognized character escape 'q'",
            })
    void jsonThatIsNoneIsAnErrorWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> read(text))
                .isInstanceOf(ManifestException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void jsonTextThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> read("{\"kind\": \"" + "x".repeat(5 << 20) + "\"}"))
                .isInstanceOf(ManifestException.class)
                .hasMessageMatching("line 1, column \\d+: not JSON: String value length .*");
        assertThatThrownBy(() -> read("{\"kind\": " + "9".repeat(2000) + "}"))
                .isInstanceOf(ManifestException.class)
                .hasMessageMatching("line 1, column \\d+: not JSON: Number value length .*");
    }

    @Test
    void textIsUtf8() throws Exception {
        assertThat(one("\ufeffkind: Service\nmetadata: {name: gr\u00fcn}").name())
                .isEqualTo("gr\u00fcn");
        // the character that stands for what is none may stand for itself
        assertThat(one("kind: Service\nmetadata: {name: \"\ufffd\"}").name()).isEqualTo("\ufffd");
        byte[] broken = "kind: Service\nmetadata: {name: gr?n}".getBytes(UTF_8);
        broken[32] = (byte) 0xfc;
        assertThatThrownBy(() -> new ManifestReader().read(stream(broken), manifest -> {}))
                .isInstanceOf(ManifestException.class)
                .hasMessage("line 2, column 19: not UTF-8: the byte 0xfc is no part of a character here");
        assertThatThrownBy(() -> new ManifestReader().read(stream("kind: Service".getBytes(UTF_16)), manifest -> {}))
                .isInstanceOf(ManifestException.class)
                .hasMessage("in UTF-16; save it as UTF-8");
    }

    @Test
    void whatHasNoEndIsRefusedAtABound() {
        InputStream endless = new InputStream() {
            private long given;

            @Override
            public int read() {
                return '\n';
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                given += length;
                assertThat(given).isLessThan(64L << 20);
                java.util.Arrays.fill(buffer, offset, offset + length, (byte) '\n');
                return length;
            }
        };
        assertThatThrownBy(() -> new ManifestReader().read(endless, manifest -> {}))
                .isInstanceOf(ManifestException.class)
                .hasMessage("larger than 32 MiB; split it");
    }

    @Test
    void fileThatIsNotThereIsSaidInWords(@TempDir Path directory) throws Exception {
        assertThatThrownBy(() -> new ManifestReader().read(directory.resolve("no.yaml"), manifest -> {}))
                .isInstanceOf(ManifestException.class)
                .hasMessage("no such file");
        assertThatThrownBy(() -> new ManifestReader().read(directory, manifest -> {}))
                .isInstanceOf(ManifestException.class)
                .hasMessage("a directory; expected a file with a manifest");
        Path file = Files.writeString(directory.resolve("pod.yaml"), "kind: Service");
        List<Manifest> read = new ArrayList<>();
        new ManifestReader().read(file, read::add);
        assertThat(read).hasSize(1);
    }

    @Test
    void namesOfOthersReachAMessageOnlyEscaped() {
        assertThatThrownBy(() -> read("kind: Pod\napiVersion: v1\nspec: {hostPID: \"\\e[31m\\n\u202e\"}"))
                .hasMessage("line 3, column 17: expected true or false, found the text '\\u001b[31m\\n\\u202e', in"
                        + " 'spec.hostPID'");
    }

    private static List<Optional<Integer>> hostPorts(Manifest manifest) {
        return manifest.pod().orElseThrow().containers().stream()
                .flatMap(container -> container.ports().stream())
                .map(DeclaredContainer.Port::hostPort)
                .toList();
    }

    private static Manifest one(String text) throws IOException, ManifestException {
        List<Manifest> all = read(text);
        assertThat(all).hasSize(1);
        return all.get(0);
    }

    private static List<Manifest> read(String text) throws IOException, ManifestException {
        List<Manifest> read = new ArrayList<>();
        new ManifestReader().read(stream(text.getBytes(UTF_8)), read::add);
        return read;
    }

    private static InputStream stream(byte[] bytes) {
        return new ByteArrayInputStream(bytes);
    }
}
