package io.plumbline.kernel.bindings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProcListenerTest {

    @Test
    void refusalSaysWhatItTakes() {
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_NAMESPACE, Errno.EPERM))
                .contains("EPERM", "hostPID", "CAP_SYS_ADMIN");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_NAMESPACE, Errno.ENOENT))
                .contains("ENOENT")
                .doesNotContain("needs");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_SOCKET, Errno.EPROTONOSUPPORT))
                .contains("CONFIG_CONNECTOR");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_BIND, Errno.EPERM)).contains("CAP_NET_ADMIN");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_LISTEN, Errno.ECONNREFUSED))
                .contains("CONFIG_PROC_EVENTS");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_ACKNOWLEDGE, Errno.ETIMEDOUT))
                .contains("hostPID", "hostUsers");
        assertThat(ProcListener.why(PlumblineHeader.NH_STEP_ACKNOWLEDGE, Errno.EPERM))
                .contains("CAP_NET_ADMIN");
        assertThat(ProcListener.why(99, Errno.ENOENT)).isEqualTo("no process events: ENOENT");
    }
}
