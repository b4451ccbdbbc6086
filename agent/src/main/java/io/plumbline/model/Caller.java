package io.plumbline.model;

import java.util.List;
import java.util.Map;

/**
 * Who asks, as the cluster knows him: {@code status.user} of a TokenReview.
 *
 * @param extra further attributes that the authenticator gave, such as the pod that a service account's token was made for
 */
public record Caller(String user, String uid, List<String> groups, Map<String, List<String>> extra) {
    public Caller {
        groups = List.copyOf(groups);
        extra = Map.copyOf(extra);
    }
}
