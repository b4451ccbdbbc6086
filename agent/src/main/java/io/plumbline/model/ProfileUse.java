package io.plumbline.model;

import java.util.List;

/**
 * Who is under an AppArmor profile or one of its children.
 *
 * @param users containers in words, {@code the node} for processes of no container; the first few
 * @param processes how many
 */
public record ProfileUse(List<String> users, int processes) {

    /** Nobody. */
    public static final ProfileUse NONE = new ProfileUse(List.of(), 0);

    public ProfileUse {
        users = List.copyOf(users);
    }
}
