package io.plumbline;

import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * The plan of the house: which rooms there are, which doors lead from one to the other, and which library lives where.
 *
 * <p>Data goes one way, so a room knows only what stands in its row. A room may be announced here before its first class is
 * written; a package that no row announces fails.
 */
@TestInstance(Lifecycle.PER_CLASS)
class FloorPlanTest {
    private static final String HOUSE = "io.plumbline";

    /** What a room without I/O, clock and log can be written with. */
    private static final Set<String> PURE = Set.of("java.lang", "java.util", "java.time", "org.jspecify.annotations");

    private static final String JDK = "java";
    private static final String JAVAX = "javax";
    private static final String NULLNESS = "org.jspecify.annotations";
    private static final String LOG = "org.slf4j";
    private static final String JSON = "com.fasterxml.jackson";

    private static final List<Room> BELOW_THE_ROOF = List.of(
            pure("model", doors()),
            room("kernel", doors("model", "kernel.bindings"), LOG),
            room("kernel.bindings", doors("model"), "com.sun.jna", "jnr", "oshi", LOG),
            room("runtime", doors("model"), JSON, LOG),
            room("kubernetes", doors("model"), "io.fabric8", JSON, "org.yaml.snakeyaml", LOG),
            pure("attribution", doors("model")),
            pure("expectation", doors("model")),
            pure("checks", doors("model")),
            pure("checks.drift", doors("model", "checks")),
            pure("checks.inert", doors("model", "checks")),
            pure("checks.policy", doors("model", "checks")),
            pure("checks.node", doors("model", "checks")),
            pure("checks.profile", doors("model", "checks")),
            // CEL, the language of the user's own rules
            pure("checks.rules", doors("model", "checks"), "dev.cel"),
            // an id is a hash
            pure("findings", doors("model"), "java.security", "java.nio.charset"),
            // the files that outlive the agent
            room("state", doors("model"), JSON),
            room("report", doors("model"), JSON),
            room(
                    "scan",
                    doors(
                            "model",
                            "kernel",
                            "runtime",
                            "attribution",
                            "expectation",
                            "checks",
                            "checks.drift",
                            "checks.inert",
                            "checks.policy",
                            "checks.node",
                            "checks.profile",
                            "checks.rules",
                            "findings"),
                    LOG),
            room("serve", doors("model", "findings", "state", "report"), LOG),
            // TOML, and the record of what was loaded
            room("apparmor", doors("model", "kernel", "state"), JSON, LOG),
            room("metrics", doors("model"), "io.prometheus", LOG),
            // Netty, which Vert.x is made of, says why a request could not be parsed, and who is still shaking hands
            room("http", doors("model", "report", "checks"), "io.vertx", "io.netty", JSON, LOG));

    /** The two that carry values from room to room. */
    private static final List<Room> ROOF = List.of(
            room("cli", everyDoorBelow(), "picocli", JSON, LOG),
            room("", everyDoorBelow("cli"), "picocli", JSON, LOG, "ch.qos.logback"));

    private static final List<Room> PLAN =
            Stream.concat(BELOW_THE_ROOF.stream(), ROOF.stream()).toList();

    private final JavaClasses house = importHouse();

    @TestFactory
    Stream<DynamicTest> roomNamesOnlyWhatItsRowAllows() {
        return PLAN.stream()
                .map(room -> DynamicTest.dynamicTest(
                        room.packageName(),
                        () -> classes()
                                .that(liveIn(room))
                                .should(onlyDependOnClassesThat(areAllowedIn(room)))
                                // announced, not built yet
                                .allowEmptyShould(true)
                                .check(house)));
    }

    @Test
    void noRoomStandsUnannounced() {
        Set<String> announced = PLAN.stream().map(Room::packageName).collect(toCollection(TreeSet::new));
        Set<String> standing = house.stream().map(JavaClass::getPackageName).collect(toCollection(TreeSet::new));
        assertThat(announced).containsAll(standing);
    }

    @Test
    void everyDoorLeadsToAnAnnouncedRoom() {
        Set<String> announced = PLAN.stream().map(Room::name).collect(toCollection(TreeSet::new));
        assertThat(announced)
                .containsAll(
                        PLAN.stream().flatMap(room -> room.doors().stream()).toList());
    }

    @Test
    void roomsFormNoCycle() {
        slices().matching(HOUSE + ".(**)")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(house);
    }

    /** {@code java.lang} and {@code java.time} also hold the clock, the console and processes. */
    @Test
    void pureRoomsAskNeitherClockNorMachine() {
        noClasses()
                .that(liveInAPureRoom())
                .should()
                .callCodeUnitWhere(DescribedPredicate.describe(
                        "asks the clock or the machine", call -> asksClockOrMachine(call.getTarget())))
                .orShould()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .allowEmptyShould(true)
                .check(house);
    }

    @Test
    void planIsReadFromTheCompiledAgent() {
        assertThat(house.contain(AgentMain.class)).isTrue();
        assertThat(house.contain(FloorPlanTest.class)).isFalse();
    }

    private static boolean asksClockOrMachine(CodeUnitCallTarget target) {
        String owner = target.getOwner().getName();
        String name = target.getName();
        return switch (owner) {
            case "java.lang.System" ->
                !Set.of("arraycopy", "identityHashCode", "lineSeparator").contains(name);
            case "java.lang.Runtime",
                    "java.lang.ProcessBuilder",
                    "java.lang.ProcessHandle",
                    "java.lang.Thread",
                    "java.util.Random" -> true;
            default ->
                owner.startsWith("java.time.")
                        ? name.equals("now") || name.startsWith("system")
                        : name.equals("randomUUID");
        };
    }

    private static DescribedPredicate<JavaClass> liveIn(Room room) {
        return DescribedPredicate.describe(
                "live in " + room.packageName(),
                candidate -> candidate.getPackageName().equals(room.packageName()));
    }

    private static DescribedPredicate<JavaClass> liveInAPureRoom() {
        Set<String> names =
                PLAN.stream().filter(Room::isPure).map(Room::packageName).collect(toCollection(TreeSet::new));
        return DescribedPredicate.describe(
                "live in a pure room", candidate -> names.contains(candidate.getPackageName()));
    }

    private static DescribedPredicate<JavaClass> areAllowedIn(Room room) {
        return DescribedPredicate.describe(
                "are in " + room.doors() + " or " + room.libraries(),
                candidate -> candidate.getBaseComponentType().isPrimitive()
                        || room.allows(candidate.getBaseComponentType().getPackageName()));
    }

    private static JavaClasses importHouse() {
        try {
            // The folder that AgentMain came from, so that test classes in the same packages stay out.
            Path compiled = Path.of(AgentMain.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return new ClassFileImporter().importPath(compiled);
        } catch (URISyntaxException e) {
            throw new IllegalStateException("the agent's classes are not in a folder", e);
        }
    }

    private static Set<String> doors(String... rooms) {
        return Set.of(rooms);
    }

    private static Set<String> everyDoorBelow(String... more) {
        Set<String> all = new TreeSet<>(List.of(more));
        BELOW_THE_ROOF.forEach(room -> all.add(room.name()));
        return all;
    }

    private static Room pure(String name, Set<String> doors, String... more) {
        Set<String> all = new TreeSet<>(PURE);
        all.addAll(List.of(more));
        return new Room(name, doors, all, true);
    }

    private static Room room(String name, Set<String> doors, String... libraries) {
        Set<String> all = new TreeSet<>(List.of(libraries));
        all.addAll(List.of(JDK, JAVAX, NULLNESS));
        return new Room(name, doors, all, false);
    }

    /**
     * One row of the plan.
     *
     * @param name package under {@link #HOUSE}, empty for the roof
     * @param doors rooms whose classes may be named here
     * @param libraries packages from outside that may be named here, with all below them
     * @param isPure it asks neither the clock nor the machine
     */
    private record Room(String name, Set<String> doors, Set<String> libraries, boolean isPure) {
        String packageName() {
            return name.isEmpty() ? HOUSE : HOUSE + "." + name;
        }

        boolean allows(String packageName) {
            return packageName.equals(packageName())
                    || doors.stream().anyMatch(door -> packageName.equals(HOUSE + "." + door))
                    || libraries.stream()
                            .anyMatch(library -> packageName.equals(library) || packageName.startsWith(library + "."));
        }
    }
}
