package io.plumbline.kubernetes;

import io.plumbline.model.DeclaredContainer.LinuxUser;
import io.plumbline.model.DeclaredContainer.Status;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads {@code status.containerStatuses[]} and its siblings. */
final class StatusReader {

    private final JsonCursor json;

    StatusReader(JsonCursor json) {
        this.json = json;
    }

    /** By the container's name. */
    Map<String, Status> statuses() throws IOException {
        Map<String, Status> statuses = new HashMap<>();
        json.array(() -> new StatusFields().read(statuses));
        return statuses;
    }

    private final class StatusFields {
        private Optional<String> name = Optional.empty();
        private Optional<String> containerId = Optional.empty();
        private String state = "";
        private Optional<String> reason = Optional.empty();
        private Optional<String> image = Optional.empty();
        private Optional<String> imageId = Optional.empty();
        private long restartCount;
        private Optional<LinuxUser> user = Optional.empty();

        void read(Map<String, Status> statuses) throws IOException {
            json.object(this::field);
            Status status = new Status(
                    containerId,
                    state,
                    reason,
                    image.orElse(""),
                    imageId.orElse(""),
                    (int) Math.min(restartCount, Integer.MAX_VALUE),
                    user);
            name.ifPresent(container -> statuses.put(container, status));
        }

        private void field(String field) throws IOException {
            switch (field) {
                case "name" -> name = json.name();
                case "containerID" -> containerId = json.name();
                case "state" -> {
                    state = "";
                    reason = Optional.empty();
                    json.object(this::state);
                }
                case "image" -> image = json.name();
                case "imageID" -> imageId = json.name();
                case "restartCount" -> restartCount = json.integer().orElse(0L);
                case "user" ->
                    json.object(kind -> {
                        if (kind.equals("linux")) {
                            user = user();
                        }
                    });
                default -> {}
            }
        }

        /** {@code running}, {@code waiting} or {@code terminated}: the one that is not null. */
        private void state(String which) throws IOException {
            if (json.isNull()) {
                return;
            }
            state = which;
            json.object(field -> {
                if (field.equals("reason")) {
                    reason = json.name();
                }
            });
        }

        private Optional<LinuxUser> user() throws IOException {
            if (json.isNull()) {
                return Optional.empty();
            }
            UserFields fields = new UserFields();
            json.object(fields::field);
            return Optional.of(new LinuxUser(fields.uid, fields.gid, fields.supplementalGroups));
        }
    }

    private final class UserFields {
        private long uid;
        private long gid;
        private List<Long> supplementalGroups = List.of();

        void field(String field) throws IOException {
            switch (field) {
                case "uid" -> uid = json.integer().orElse(0L);
                case "gid" -> gid = json.integer().orElse(0L);
                case "supplementalGroups" -> supplementalGroups = json.integers();
                default -> {}
            }
        }
    }
}
