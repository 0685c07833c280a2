using Coco.Cluster.Membership;

namespace Coco.Cluster.Grants;

/// <summary>Lets a user, or all users of a role, do things with resources: the body of a statement, which says who granted it.</summary>
public sealed partial class ResourceGrant
{
    /// <summary>Actions a grant may name.</summary>
    public const int MaxActions = 16;

    internal ResourceGrant(UserId user, Role role, ResourcePattern resources, IReadOnlyList<string> actions, ulong from, ulong until, WeeklySchedule? schedule)
    {
        if (user.IsDefault == (role is Role.None)) { throw new ArgumentException("A grant is for a user or for a role.", nameof(user)); }
        if (actions.Count > MaxActions || !actions.All(action => Labels.IsValid(action)))
        {
            throw new ArgumentException($"A grant has at most {MaxActions} actions, each a label.", nameof(actions));
        }
        // One spelling, so that equal grants have equal bytes.
        var sorted = actions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        (User, Role, Resources, Actions, From, Until, Schedule) = (user, role, resources, sorted, from, until, schedule);
    }

    /// <summary>Who may; default when it is for a role.</summary>
    public UserId User { get; }

    /// <summary>Users of which role may; <see cref="Role.None"/> when it is for one user.</summary>
    public Role Role { get; }

    /// <summary>With what.</summary>
    public ResourcePattern Resources { get; }

    /// <summary>What; empty for everything.</summary>
    public IReadOnlyList<string> Actions { get; }

    /// <summary>From when, in seconds since 1970-01-01 UTC; 0 for always.</summary>
    public ulong From { get; }

    /// <summary>Until when, not included; 0 for ever.</summary>
    public ulong Until { get; }

    /// <summary>When in the week; null for always.</summary>
    public WeeklySchedule? Schedule { get; }

    /// <summary>A grant for one user.</summary>
    public static ResourceGrant ToUser(
        UserId user, ResourcePattern resources, IReadOnlyList<string> actions, ulong from = 0, ulong until = 0, WeeklySchedule? schedule = null) =>
        new(user, Role.None, resources, actions, from, until, schedule);

    /// <summary>A grant for all users of a role.</summary>
    public static ResourceGrant ToRole(
        Role role, ResourcePattern resources, IReadOnlyList<string> actions, ulong from = 0, ulong until = 0, WeeklySchedule? schedule = null) =>
        new(default, role, resources, actions, from, until, schedule);

    /// <inheritdoc/>
    public override string ToString() =>
        $"{(Actions.Count == 0 ? "everything" : string.Join(", ", Actions))} with {Resources} for {(User.IsDefault ? $"role {Role}" : $"user {User}")}";
}
