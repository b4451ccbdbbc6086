package io.plumbline.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A person's walk through the page, in a real browser: from a finding to the line that is out of true, while the node changes and
 * although a workload has chosen its names to do harm. What was seen is left in {@code target/page}.
 */
@TestInstance(Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class PageTest {
    private static final Path SHOTS = Path.of("target", "page");
    private static final int TAB = 9;
    private static final int ENTER = 13;
    /** Runs as root in shop/hardened, which is declared not to. */
    private static final int DRIFTING = 7187;

    /** What is for ears alone, and is not clipped away. */
    private static final String PEEKING = "[document.querySelector('#news'), ...document.querySelectorAll('thead')]"
            + ".filter(one => one.offsetParent !== null && getComputedStyle(one).clipPath === 'none').length";

    private static final String HOSTILE =
            "<img src=x onerror=\"document.title='taken'\">\0</script><script>document.title='taken'</script>\0"
                    + "\u001b]0;taken\u0007\0";

    private ServedNode node;
    private Browser browser;

    @BeforeAll
    void walkUpToIt(@TempDir Path directory) throws Exception {
        Optional<Path> program = Browser.installed();
        assumeTrue(program.isPresent(), "no Chromium on this machine");
        node = new ServedNode(Limits.USUAL);
        node.write(DRIFTING, "cmdline", HOSTILE);
        node.scanning();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> node.json("/api/v1/findings").path("total").asInt() > 5);
        browser = Browser.start(program.get(), directory);
        browser.size(1280, 900, false);
        browser.open(node.url("/"));
        browser.until("document.querySelectorAll('#findings > details').length > 5");
    }

    @AfterAll
    void leave() throws IOException {
        if (browser != null) {
            browser.close();
        }
        if (node != null) {
            node.close();
        }
    }

    @Test
    @Order(1)
    void worstFindingStandsFirstAndTheCountsAgree() throws Exception {
        int critical =
                node.json("/api/v1/findings?severity=critical").path("total").asInt();
        assertThat(text("#counts .critical b")).isEqualTo(Integer.toString(critical));
        assertThat(text("#findings > details:first-of-type .severity")).isEqualTo("critical");
        browser.until("document.querySelector('#freshness').textContent.startsWith('Live')");
        browser.screenshot(SHOTS.resolve("findings-light.png"));
        browser.prefers("dark");
        browser.screenshot(SHOTS.resolve("findings-dark.png"));
        browser.prefers("light");
    }

    @Test
    @Order(2)
    void filterLeavesWhatItNames() {
        browser.evaluate("(f => { f.elements.check.value = 'root-user';"
                + " f.dispatchEvent(new Event('input', {bubbles: true})); })(document.querySelector('#filters'))");
        browser.until("document.querySelectorAll('#findings > details').length === 1");
        assertThat(text("#findings .who")).contains("shop/hardened").contains("root-user");
    }

    @Test
    @Order(3)
    void hostileNamesAreTextAndDoNothing() {
        browser.evaluate("document.querySelector('#findings > details summary').click()");
        browser.until("document.querySelector('#findings > details').open");
        assertThat(text("#findings > details .body")).contains("<img src=x onerror=");
        assertThat(browser.evaluate("document.querySelectorAll('main img, main script').length")
                        .asInt())
                .isZero();
        assertThat(browser.evaluate("document.title").asText()).startsWith("Plumbline");
    }

    @Test
    @Order(4)
    void keyboardLeadsFromTheFindingToThePlumbTable() throws Exception {
        browser.evaluate("document.querySelector('#findings > details summary').focus()");
        browser.press("Tab", TAB);
        assertThat(browser.evaluate("document.activeElement.textContent").asText())
                .isEqualTo("Plumb table");
        browser.press("Enter", ENTER);
        browser.until("document.querySelectorAll('#tables tr.out').length > 0");
        assertThat(text("#pod-title")).isEqualTo("shop/hardened");
        JsonNode row = browser.evaluate("[...document.querySelectorAll('#tables tr.out')]"
                + ".map(row => [...row.children].map(cell => cell.textContent))"
                + ".find(cells => cells[0] === 'root-user')");
        assertThat(row.path(1).asText()).isEqualTo("runAsNonRoot: true");
        assertThat(row.path(4).asText()).contains("uid 0");
        assertThat(row.path(5).asText()).contains("out of true").contains("/proc/" + DRIFTING + "/status");
        browser.screenshot(SHOTS.resolve("plumb-table.png"));
    }

    /** No reload: the page would have lost what was put into it. */
    @Test
    @Order(5)
    void tableComesIntoTrueBeforeOnesEyes() throws Exception {
        browser.evaluate("window.sameAsBefore = true");
        node.take(DRIFTING);
        browser.until(
                "![...document.querySelectorAll('#tables tr.out th')].some(check => check.textContent === 'root-user')");
        node.bringBack(DRIFTING);
        browser.until(
                "[...document.querySelectorAll('#tables tr.out th')].some(check => check.textContent === 'root-user')");
        assertThat(browser.evaluate("window.sameAsBefore === true").asBoolean()).isTrue();
        browser.until("document.querySelector('#news').textContent.startsWith('New: ')");
    }

    @Test
    @Order(6)
    void phoneShowsItWithoutScrollingSideways() throws Exception {
        browser.size(360, 740, true);
        for (String place : new String[] {"#/", "#/pods", "#/pods/shop/hardened", "#/node"}) {
            browser.evaluate("location.hash = '" + place + "'");
            browser.until("document.querySelector('main section:not([hidden])').textContent.length > 200");
            assertThat(browser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                            .asInt())
                    .as(place)
                    .isLessThanOrEqualTo(0);
            assertThat(browser.evaluate(PEEKING).asInt())
                    .as("text beyond the left edge of " + place)
                    .isZero();
            browser.screenshot(SHOTS.resolve("phone" + place.replaceAll("[^a-z]+", "-") + ".png"));
        }
    }

    @Test
    @Order(7)
    void profilesStandOnTheNodesPageWithTheLineThatIsWrong() throws Exception {
        browser.size(1280, 900, false);
        browser.evaluate("location.hash = '#/node'");
        browser.until("document.querySelectorAll('#profiles > li').length === 4");
        assertThat(text("#profiles-about")).contains("4 profiles", "/profiles", "apparmor_parser 3.0.8");
        assertThat(text("#profiles > li:nth-of-type(1)")).contains("gone", "wanted and not in the kernel");
        assertThat(text("#profiles > li:nth-of-type(2)")).contains("web", "as it was loaded", "shop/hardened");
        assertThat(text("#profiles > li:nth-of-type(3)"))
                .contains("its source is refused", "<b>wrong</b>:3:14: unknown capability");
        browser.screenshot(SHOTS.resolve("profiles.png"));
    }

    @Test
    @Order(8)
    void everythingHasANameAndNothingCameFromOutside() {
        browser.evaluate("location.hash = '#/'");
        browser.until("!document.querySelector('#view-findings').hidden");
        assertThat(browser.evaluate(
                                "[...document.querySelectorAll('a, button, input, select, summary')]"
                                        + ".filter(one => !(one.textContent.trim() || one.ariaLabel || one.labels?.length)).length")
                        .asInt())
                .isZero();
        assertThat(browser.evaluate("performance.getEntriesByType('resource')"
                                + ".filter(one => new URL(one.name).origin !== location.origin).length")
                        .asInt())
                .isZero();
        assertThat(browser.complaints()).isEmpty();
    }

    private String text(String selector) {
        return browser.evaluate("document.querySelector(\"" + selector + "\").textContent")
                .asText();
    }
}
