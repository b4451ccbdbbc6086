package io.plumbline.cli;

import io.plumbline.apparmor.ProfileSource;
import io.plumbline.apparmor.ProfileSource.Mode;
import io.plumbline.apparmor.ProfileSupply;
import io.plumbline.kubernetes.ApiServerClient;
import io.plumbline.kubernetes.ProfileObjects;
import io.plumbline.kubernetes.WantedObjects;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The AppArmor profiles that the cluster's objects want on this node. */
final class ProfileObjectArguments {

    private static final String NO_SERVER =
            "--apparmor-objects: there is no API server to ask; run in a pod, or give --kubeconfig FILE";

    @Option(
            names = "--apparmor-objects",
            description = "Also load the profiles of the cluster's AppArmorProfile objects, and follow their changes.")
    private boolean followed;

    /** Somebody asked for them. */
    boolean areFollowed() {
        return followed;
    }

    /**
     * Is what is asked for possible?
     *
     * @param hasServer there is an API server to ask
     * @throws UsageException with everything that is in the way
     */
    void check(Map<String, String> environment, boolean hasServer) {
        Complaints complaints = new Complaints();
        if (followed && PublishArguments.node(environment).isBlank()) {
            complaints.that(
                    "--apparmor-objects: NODE_NAME is not set, and objects choose nodes by their labels; set it from"
                            + " the field spec.nodeName");
        }
        if (followed && !hasServer) {
            complaints.that(NO_SERVER);
        }
        complaints.refuse();
    }

    /** The objects, not followed yet; empty where nobody asked for them. What was asked for was checked. */
    Optional<ProfileObjects> objects(Optional<ApiServerClient> server, Map<String, String> environment) {
        return followed
                ? Optional.of(server.orElseThrow(() -> new UsageException(NO_SERVER))
                        .profileObjects(PublishArguments.node(environment)))
                : Optional.empty();
    }

    /** As the room of profiles knows it. */
    static ProfileSupply supply(ProfileObjects objects) {
        return new ProfileSupply() {
            @Override
            public String place() {
                return "AppArmorProfile objects";
            }

            @Override
            public Contents read() {
                WantedObjects.State state = objects.state();
                return new Contents(
                        state.profiles().stream()
                                .map(ProfileObjectArguments::source)
                                .toList(),
                        state.errors(),
                        state.isWhole());
            }
        };
    }

    private static ProfileSource source(WantedObjects.Wanted wanted) {
        return ProfileSource.of(
                wanted.object(), wanted.text(), wanted.bane(), wanted.complain() ? Mode.COMPLAIN : Mode.ENFORCE);
    }
}
