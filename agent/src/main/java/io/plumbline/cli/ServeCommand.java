package io.plumbline.cli;

import io.plumbline.apparmor.ProfileKeeper;
import io.plumbline.http.AgentHttp;
import io.plumbline.http.Content;
import io.plumbline.http.Guard;
import io.plumbline.http.Limits;
import io.plumbline.http.ListenAddress;
import io.plumbline.http.MetricsText.Exposition;
import io.plumbline.kernel.NodeReader;
import io.plumbline.kernel.bindings.StandardStream;
import io.plumbline.kubernetes.ApiServerClient;
import io.plumbline.kubernetes.ClusterPublisher;
import io.plumbline.kubernetes.ProfileObjects;
import io.plumbline.metrics.AgentMetrics;
import io.plumbline.model.AgentState;
import io.plumbline.scan.NodeScan;
import io.plumbline.scan.ProfileLook;
import io.plumbline.serve.DeclaredSource;
import io.plumbline.serve.ScanLoop;
import io.plumbline.state.StateFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Stays, looks again and again, and answers. */
@Command(
        name = "serve",
        description =
                "Runs as an agent: scans again and again, remembers findings, serves a web page, an API and metrics.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Stops on SIGTERM or SIGINT with exit status 0; exit status 2 if it cannot start.",
            "Options can also be set in the environment: --scan-interval is",
            "PLUMBLINE_SCAN_INTERVAL.",
            "",
            "Examples:",
            "  plumbline serve                         then open http://127.0.0.1:9447/",
            "  plumbline serve --pods pods.json --scan-interval 5s"
        })
public final class ServeCommand implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9447",
            description =
                    "Where to listen (default: ${DEFAULT-VALUE}). Beyond loopback only with TLS, and only for callers"
                            + " that the cluster authorizes.")
    private String listen = "";

    @Mixin
    private ServingArguments serving = new ServingArguments();

    @Mixin
    private PublishArguments publishing = new PublishArguments();

    @Option(
            names = "--scan-interval",
            paramLabel = "TIME",
            defaultValue = "15s",
            description = "Time between scans, such as 500ms, 15s or 2m (default: ${DEFAULT-VALUE}).")
    private String interval = "";

    @Option(
            names = "--task-iterator",
            paramLabel = "auto|off",
            defaultValue = "auto",
            description =
                    "auto: where the kernel allows it, a BPF task iterator tells which processes are new or changed, and"
                            + " a scan reads those; off: no BPF program is loaded, and a scan reads those that have run"
                            + " (default: ${DEFAULT-VALUE}).")
    private String iterator = "";

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            description = "Where open findings are kept across restarts (default: /var/lib/plumbline for root, else"
                    + " ~/.local/state/plumbline; with --proc nowhere).")
    private @Nullable Path stateDirectory;

    @Option(
            names = "--exceptions",
            paramLabel = "FILE",
            description =
                    "Accepted findings, each with a reason, an owner and an expiry date; read again when it changes.")
    private @Nullable Path exceptions;

    @Mixin
    private ConfigArguments config = new ConfigArguments();

    @Mixin
    private NodeArguments node = new NodeArguments();

    @Mixin
    private PolicyArguments policies = new PolicyArguments();

    @Mixin
    private KubeletArguments kubelet = new KubeletArguments();

    @Mixin
    private ProfileArguments profiles = new ProfileArguments();

    @Mixin
    private ProfileObjectArguments profileObjects = new ProfileObjectArguments();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        settle(StandardStream.ERROR.isTerminal());
        Complaints complaints = new Complaints();
        Settings.of(spec).problems().forEach(complaints::that);
        if (config.isShown()) {
            complaints.refuse();
            ConfigArguments.print(spec, spec.commandLine().getOut());
            return ExitStatus.CLEAN;
        }
        Optional<ListenAddress> listening = complaints.of(this::address);
        Optional<Duration> scanning = complaints.of(this::pause);
        Optional<PoliciesInForce> judging = complaints.of(() -> new PoliciesInForce(policies));
        complaints.in(serving::check);
        Optional<Optional<ApiServerClient>> reached =
                complaints.of(() -> ServingArguments.apiServer(kubelet.kubeconfig(), System.getenv()));
        Optional<Optional<Guard>> guarded = listening.flatMap(address -> reached.flatMap(
                api -> complaints.of(() -> serving.guard(address, kubelet.kubeconfig(), api, System.getenv()))));
        complaints.in(() -> publishing.check(
                System.getenv(),
                reached.map(Optional::isPresent).orElse(true),
                profiles.areNamed() || profileObjects.areFollowed()));
        complaints.in(() -> profileObjects.check(
                System.getenv(), reached.map(Optional::isPresent).orElse(true)));
        Optional<Optional<KubeletSource>> asked = complaints.of(() -> kubelet.source(System.getenv(), node.hostRoot()));
        complaints.in(this::checkIterator);
        Optional<NodeReader> read = complaints.of(() -> {
            node.check();
            return reader();
        });
        Optional<Optional<StateFile>> kept =
                complaints.of(() -> StateDirectory.open(stateDirectory, node.isThisMachine()));
        complaints.in(() -> profiles.check(node, Optional.ofNullable(stateDirectory)));
        try {
            complaints.refuse();
        } catch (UsageException e) {
            kept.flatMap(file -> file).ifPresent(StateFile::close);
            asked.flatMap(one -> one).ifPresent(KubeletSource::close);
            reached.flatMap(one -> one).ifPresent(ApiServerClient::close);
            read.ifPresent(NodeReader::close);
            throw e;
        }
        ListenAddress address = listening.orElseThrow();
        Duration pause = scanning.orElseThrow();
        PoliciesInForce policy = judging.orElseThrow();
        Optional<ApiServerClient> server = reached.orElseThrow();
        Optional<Guard> guard = guarded.orElseThrow();
        Optional<KubeletSource> source = asked.orElseThrow();
        NodeReader kernel = read.orElseThrow();
        Optional<StateFile> memory = kept.orElseThrow();
        ExceptionsFile accepted = new ExceptionsFile(exceptions, policy::descriptions);
        Optional<ProfileObjects> objects = profileObjects.objects(server, System.getenv());
        Optional<ProfileKeeper> keeper =
                profiles.keeper(node, Optional.ofNullable(stateDirectory), objects.map(ProfileObjectArguments::supply));
        objects.ifPresent(each -> each.start(() -> keeper.ifPresent(ProfileKeeper::wake)));
        ProfileLook look = profiles.look(node, Optional.ofNullable(stateDirectory), keeper);
        AtomicReference<Instant> woken = new AtomicReference<>(Instant.EPOCH);
        String version = new CommandTree.Version().number();
        AgentMetrics metrics = new AgentMetrics(version);
        Optional<ClusterPublisher> publisher =
                publishing.publisher(server, System.getenv(), version, metrics::countClusterWrite);
        InstantSource clock = InstantSource.system();
        AgentHttp http = AgentHttp.start(
                address,
                new Content(
                        version,
                        ScanCommand.DOCS,
                        policy::descriptions,
                        accept -> new Exposition(metrics.contentType(accept), metrics.text(accept)),
                        clock),
                Limits.USUAL,
                guard);
        ScanLoop loop = new ScanLoop(
                new NodeScan(kernel, node.bundles(), node.nodeName(), policy::now, node.files(), look, accepted::rules)
                        ::run,
                source.map(DeclaredSource.class::cast),
                memory,
                pause,
                clock,
                (state, changes) -> {
                    metrics.publish(state, changes);
                    http.publish(state, changes);
                    // After a scan has said what is gone, it may be loaded again.
                    state.last()
                            .filter(last -> !woken.getAndSet(last.at()).equals(last.at()))
                            .map(last -> last.report().node().profiles())
                            .ifPresent(seen -> keeper.ifPresent(one -> one.wake(seen)));
                    publisher.ifPresent(each -> each.publish(state, changes));
                },
                ProcessNews.of(node.root(), kernel.isLive(), !isWithoutPrograms()),
                () -> new AgentState.Written(accepted.state(), policy.state()));
        loop.start();
        say(memory, http);
        return untilToldToEnd(() -> {
            loop.close();
            objects.ifPresent(ProfileObjects::close);
            keeper.ifPresent(ProfileKeeper::close);
            publisher.ifPresent(ClusterPublisher::close);
            http.close();
            memory.ifPresent(StateFile::close);
            source.ifPresent(KubeletSource::close);
            server.ifPresent(ApiServerClient::close);
            kernel.close();
        });
    }

    /** Before the first line of a log and the first buffer: whoever collects lines wants JSON, and the server is to be small. */
    private static void settle(boolean watched) {
        setUnlessTold("plumbline.log", watched ? "text" : "json");
        // A few requests a minute do not pay for arenas of 4 MiB each.
        setUnlessTold("io.netty.allocator.type", "unpooled");
        setUnlessTold("io.netty.noPreferDirect", "true");
        // Vert.x makes its pool all the same: 32 queues for buffers in flight between threads, of which there is one.
        setUnlessTold("io.netty.allocator.magazineBufferQueueCapacity", "16");
        // What its buffers would tell a flight recorder loads the recorder.
        setUnlessTold("io.netty.jfr.enabled", "false");
    }

    private static void setUnlessTold(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    private Duration pause() {
        return Times.parse(interval)
                .orElseThrow(() -> new UsageException(
                        "--scan-interval: '" + interval + "' is no time from 100ms to 1h; give one such as 15s"));
    }

    private ListenAddress address() {
        try {
            return ListenAddress.parse(listen);
        } catch (IllegalArgumentException e) {
            throw new UsageException("--listen: " + e.getMessage());
        }
    }

    private void checkIterator() {
        if (!iterator.equals("auto") && !iterator.equals("off")) {
            throw new UsageException(
                    "--task-iterator: '" + iterator + "' is neither 'auto' nor 'off'; give one of them");
        }
    }

    private boolean isWithoutPrograms() {
        return iterator.equals("off");
    }

    private NodeReader reader() {
        try {
            return isWithoutPrograms() ? NodeReader.openWithoutIterator(node.root()) : NodeReader.open(node.root());
        } catch (IOException e) {
            throw new UsageException("--proc: " + e.getMessage() + "; name the node's /proc or a captured one");
        }
    }

    /** The last line is the address, so that it can be clicked, and read by a script. */
    private void say(Optional<StateFile> memory, AgentHttp http) {
        LoggerFactory.getLogger(ServeCommand.class)
                .info(
                        "scanning every {}, state {}",
                        interval,
                        memory.map(file -> "kept in " + file.directory()).orElse("not kept over a restart"));
        PrintWriter out = spec.commandLine().getOut();
        out.println(http.url());
        out.flush();
    }

    /** Ends in the shutdown hook, because a JVM that was sent SIGTERM runs those and nothing else. */
    private static int untilToldToEnd(Runnable end) throws InterruptedException {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            end.run();
                            // The JVM would say 143, which everybody who asked for a clean end takes for a failure.
                            Runtime.getRuntime().halt(ExitStatus.CLEAN);
                        },
                        "end"));
        new CountDownLatch(1).await();
        return ExitStatus.CLEAN;
    }
}
