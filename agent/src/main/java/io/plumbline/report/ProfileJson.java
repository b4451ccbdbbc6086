package io.plumbline.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.plumbline.model.AppArmorProfiles;
import io.plumbline.model.AppArmorProfiles.Profile;
import io.plumbline.model.AppArmorProfiles.State;
import io.plumbline.model.ProfileError;
import io.plumbline.model.ProfileEvents;
import io.plumbline.model.Reading;
import java.util.List;

/** AppArmor profiles as JSON: of the command and of the API the same. */
public final class ProfileJson {

    private ProfileJson() {}

    /** All of them. */
    public static ObjectNode of(AppArmorProfiles profiles) {
        return of(profiles, 0, Integer.MAX_VALUE);
    }

    /** Some of them. */
    public static ObjectNode of(AppArmorProfiles profiles, int offset, int limit) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("directory", profiles.directory().orElse(null));
        json.put("parser", profiles.parser().observed().orElse(null));
        errors(json.putArray("trouble"), profiles.trouble());
        ArrayNode list = json.putArray("profiles");
        profiles.profiles().stream().skip(offset).limit(limit).forEach(profile -> list.add(of(profile)));
        return json;
    }

    /** One. */
    public static ObjectNode of(Profile profile) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", profile.name());
        json.put("state", profile.state().word());
        json.put("source", profile.source().orElse(null));
        json.put("wanted", profile.isWanted());
        json.put("loaded", profile.mode().isPresent());
        json.put("verified", profile.state() == State.VERIFIED);
        json.put("ours", profile.ours());
        json.put("removing", profile.removing());
        json.put("wantedMode", profile.wantedMode().orElse(null));
        json.put("mode", profile.mode().orElse(null));
        json.put("wantedHash", profile.wantedHash().orElse(null));
        json.put("hash", profile.hash().observed().orElse(null));
        json.put(
                "hashTrouble",
                profile.mode().isPresent() ? profile.hash().trouble().orElse(null) : null);
        json.put("learned", profile.learned());
        profile.users().forEach(json.putArray("usedBy")::add);
        json.put("processes", profile.processes());
        json.set("events", events(profile.events()));
        json.put(
                "eventsTrouble",
                profile.events() instanceof Reading.Unreadable<ProfileEvents> unreadable
                        ? unreadable.trouble().orElse(null)
                        : null);
        errors(json.putArray("errors"), profile.errors());
        errors(json.putArray("warnings"), profile.warnings());
        return json;
    }

    /** Null where it is not known. */
    private static JsonNode events(Reading<ProfileEvents> reading) {
        if (!(reading instanceof Reading.Observed<ProfileEvents> observed)) {
            return JsonNodeFactory.instance.nullNode();
        }
        ProfileEvents seen = observed.value();
        return JsonNodeFactory.instance
                .objectNode()
                .put("log", seen.source())
                .put("since", seen.since().toString())
                .put("allowed", seen.allowed())
                .put("denied", seen.denied())
                .put("whole", seen.isWhole());
    }

    /** Errors or warnings; what has no place has null there. */
    public static void errors(ArrayNode array, List<ProfileError> errors) {
        for (ProfileError error : errors) {
            ObjectNode one = array.addObject();
            one.put("file", error.file());
            one.put("line", error.line() == 0 ? null : error.line());
            one.put("column", error.column() == 0 ? null : error.column());
            one.put("text", error.text());
        }
    }
}
