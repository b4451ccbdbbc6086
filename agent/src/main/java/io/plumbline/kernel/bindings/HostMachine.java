package io.plumbline.kernel.bindings;

import oshi.SystemInfo;
import oshi.hardware.HardwareAbstractionLayer;
import oshi.software.os.OperatingSystem;

/** What the machine is, by OSHI. Takes a second, so it is for who asks, and not for the scan. */
public final class HostMachine {

    private HostMachine() {}

    /** Asks now. */
    public static Facts read() {
        SystemInfo system = new SystemInfo();
        OperatingSystem os = system.getOperatingSystem();
        HardwareAbstractionLayer hardware = system.getHardware();
        return new Facts(
                os.getFamily() + " " + os.getVersionInfo(),
                System.getProperty("os.arch", "unknown"),
                hardware.getProcessor().getLogicalProcessorCount(),
                hardware.getMemory().getTotal(),
                os.getProcessCount(),
                os.getSystemUptime());
    }

    /**
     * A machine.
     *
     * @param system the distribution and its version, as this process sees it: in a container that is the image's
     * @param processors that this kernel schedules on
     * @param memoryBytes all that it has
     * @param processes that are visible from here
     * @param uptimeSeconds since boot
     */
    public record Facts(
            String system, String architecture, int processors, long memoryBytes, int processes, long uptimeSeconds) {}
}
