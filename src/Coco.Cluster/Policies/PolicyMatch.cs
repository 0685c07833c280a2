using Coco.Cluster.Membership;

namespace Coco.Cluster.Policies;

/// <summary>Which nodes a rule is for: all that is given must fit. Written <c>role guest app org.example.chat tag kitchen</c>, or <c>anyone</c>.</summary>
internal sealed record PolicyMatch(UserId User, Role Role, AppId App, string Tag)
{
    public static PolicyMatch Anyone { get; } = new(default, Role.None, default, "");

    /// <summary>Whether the rule is for this party.</summary>
    public bool Fits(PolicyParty party) =>
        FitsUser(party) && FitsRole(party) && FitsApp(party) && FitsTag(party);

    /// <summary>Why the rule is not for this party; null when it is.</summary>
    public string? MisfitOf(PolicyParty party) =>
        !FitsUser(party) ? $"the user is {(party.User.IsDefault ? "another" : party.User)}"
        : !FitsRole(party) ? $"the role is {NameOf(RoleOf(party))}, not {NameOf(Role)}"
        : !FitsApp(party) ? party.App.IsDefault ? $"it is no node of the app {App}" : $"the app is {party.App}, not {App}"
        : !FitsTag(party) ? $"it has no tag {Tag}"
        : null;

    /// <summary>Reads words in the order in which <see cref="ToString"/> writes them; each at most once.</summary>
    public static bool TryParse(ReadOnlySpan<string> words, out PolicyMatch match)
    {
        match = Anyone;
        if (words is ["anyone"]) { return true; }
        if (words.IsEmpty || words.Length % 2 != 0) { return false; }
        for (var i = 0; i < words.Length; i += 2)
        {
            var value = words[i + 1];
            var isNew = words[i] switch
            {
                "user" => match.User.IsDefault,
                "role" => match.Role is Role.None,
                "app" => match.App.IsDefault,
                "tag" => match.Tag.Length == 0,
                _ => false,
            };
            if (!isNew) { return false; }
            switch (words[i])
            {
                case "user" when UserId.TryParse(value, out var user) && !user.IsDefault: match = match with { User = user }; break;
                case "role" when RoleOf(value) is var role and not Role.None: match = match with { Role = role }; break;
                case "app" when Labels.IsValid(value): match = match with { App = new(value) }; break;
                case "tag" when Labels.IsValid(value): match = match with { Tag = value }; break;
                default: return false;
            }
        }
        return true;
    }

    public override string ToString()
    {
        var words = new List<string>();
        if (!User.IsDefault) { words.Add($"user {User}"); }
        if (Role is not Role.None) { words.Add($"role {NameOf(Role)}"); }
        if (!App.IsDefault) { words.Add($"app {App}"); }
        if (Tag.Length > 0) { words.Add($"tag {Tag}"); }
        return words.Count == 0 ? "anyone" : string.Join(' ', words);
    }

    private bool FitsUser(PolicyParty party) => User.IsDefault || User == party.User;

    private bool FitsRole(PolicyParty party) => Role is Role.None || Role == RoleOf(party);

    private bool FitsApp(PolicyParty party) => App.IsDefault || App == party.App;

    private bool FitsTag(PolicyParty party) => Tag.Length == 0 || party.Tags.Contains(Tag, StringComparer.Ordinal);

    // Guests need not be listed: who has a valid certificate and no role is one.
    private static Role RoleOf(PolicyParty party) => party.Role is Role.None ? Role.Guest : party.Role;

    private static Role RoleOf(string text) => text switch
    {
        "guest" => Role.Guest,
        "admin" => Role.Admin,
        "owner" => Role.Owner,
        _ => Role.None,
    };

    private static string NameOf(Role role) => role switch
    {
        Role.Guest => "guest",
        Role.Admin => "admin",
        _ => "owner",
    };
}
