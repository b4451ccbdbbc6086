package io.plumbline.kernel;

import io.plumbline.kernel.bindings.Errno;
import io.plumbline.kernel.bindings.KernelFiles;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the kernel logged of AppArmor profiles: auditd's {@code /var/log/audit/audit.log} with its older ones, or the kernel's own log,
 * {@code /dev/kmsg}. The kernel sends what it has to say to one of them, and of neither is it known that it was that one, but by what stands
 * in it: the line of the profile's load goes the same way as those of what it denies, as long as nothing comes the other way.
 *
 * <p>Each look reads on where the last one ended.
 */
public final class AuditTrail implements AutoCloseable {

    static final String AUDITD = "/var/log/audit/audit.log";
    static final String KERNEL = "/dev/kmsg";

    private static final int MOST_DEEDS = 1000;

    /** For one look of many, some tens of milliseconds at most; what is new since the last one is far less. */
    private static final long BYTES_A_LOOK = 1 << 20;

    private static final long RECORDS_A_LOOK = 5000;

    private final HostRoot host;
    private final AuditdLog auditdLog;
    private final KernelLog kernelLog;
    private final int mostDeeds;
    private final long mostBytes;
    private final long mostRecords;
    private @Nullable AuditTallies tallies;

    private AuditTrail(Path hostRoot, int mostDeeds, long mostBytes, long mostRecords) {
        KernelFiles files = new KernelFiles();
        this.host = new HostRoot(
                files, Optional.of(hostRoot.toString().equals("/") ? "" : KernelFiles.byteString(hostRoot)));
        this.auditdLog = new AuditdLog(hostRoot.resolve(AUDITD.substring(1)));
        this.kernelLog = new KernelLog(files, KernelFiles.byteString(hostRoot.resolve(KERNEL.substring(1))));
        this.mostDeeds = mostDeeds;
        this.mostBytes = mostBytes;
        this.mostRecords = mostRecords;
    }

    /** For one look, which reads the logs from their beginning to their end and tells what happened most often. */
    public static AuditTrail below(Path hostRoot) {
        return new AuditTrail(hostRoot, MOST_DEEDS, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    /** For look after look, each of which reads no more than it may, and only counts. */
    public static AuditTrail following(Path hostRoot) {
        return new AuditTrail(hostRoot, 0, BYTES_A_LOOK, RECORDS_A_LOOK);
    }

    /**
     * Looks.
     *
     * @param names of profiles
     * @return by name; unreadable where no log shows the profile's load nor anything that it denied: it is not known how much is missing
     */
    public Map<String, Reading<ProfileEvents>> of(Collection<String> names) {
        Map<String, Reading<ProfileEvents>> found = new TreeMap<>();
        if (names.isEmpty()) {
            return found;
        }
        Reading<AuditTallies> counted = tallies();
        counted.observed().ifPresent(this::readOn);
        if (counted instanceof Reading.Observed<AuditTallies> all) {
            return all.value().of(names);
        }
        names.forEach(name -> found.put(name, ProcTree.flatMap(counted, all -> all.of(name))));
        return found;
    }

    /** Those of the last look, or new ones for logs that will be read from their beginning. */
    private Reading<AuditTallies> tallies() {
        if (tallies == null) {
            Reading<Instant> boot = ProcTree.flatMap(host.file("/proc/stat"), ProcStatFile::bootTime);
            if (!(boot instanceof Reading.Observed<Instant> started)) {
                return boot.map(never -> new AuditTallies(never, mostDeeds, PrintLimit.usual()));
            }
            tallies = new AuditTallies(started.value(), mostDeeds, PrintLimit.of(host));
        }
        return Reading.of(tallies);
    }

    private void readOn(AuditTallies all) {
        readAuditd(all);
        readKernel(all);
    }

    private void readAuditd(AuditTallies all) {
        if (all.auditd().hasFailed()) {
            all.beginAuditd();
        }
        EventTally tally = all.auditd();
        try {
            boolean end = auditdLog.read(mostBytes, all::auditdLine, tally::lost);
            tally.unsure(!end);
        } catch (IOException e) {
            auditdLog.close();
            tally.failed(
                    e instanceof NoSuchFileException
                            ? "no such file"
                            : e instanceof AccessDeniedException ? "EACCES" : String.valueOf(e.getMessage()));
        }
    }

    private void readKernel(AuditTallies all) {
        if (all.kernel().hasFailed()) {
            all.beginKernel();
        }
        EventTally tally = all.kernel();
        int result = kernelLog.read(mostRecords, all::kernelRecord, tally::lost);
        if (result < 0) {
            kernelLog.close();
            tally.failed(Errno.name(-result));
        } else {
            tally.unsure(result == 0 || all.limit().mayHoldBack());
        }
    }

    @Override
    public void close() {
        auditdLog.close();
        kernelLog.close();
        tallies = null;
    }
}
