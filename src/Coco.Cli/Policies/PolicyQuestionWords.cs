using System.Diagnostics.CodeAnalysis;
using Coco.Cluster;
using Coco.Cluster.Membership;
using Coco.Cluster.Policies;

namespace Coco.Cli.Policies;

/// <summary>
/// A question to a policy, in the words of its rules: <c>service ssh from role guest tag laptop to tag server</c>. Who is not described is a guest's
/// node without app and tags.
/// </summary>
internal static class PolicyQuestionWords
{
    /// <param name="words">Kind, name, <c>from</c> and who asks, perhaps <c>to</c> and who is asked.</param>
    /// <param name="question">What they ask.</param>
    public static bool TryParse(ReadOnlySpan<string> words, [NotNullWhen(true)] out PolicyQuestion? question)
    {
        question = null;
        if (words is not [var kindWord, { Length: > 0 } name, "from", .. var parties] || !TryParseKind(kindWord, out var kind)) { return false; }
        var to = 0;
        while (to < parties.Length && parties[to] != "to") { to += parties[to] == "anyone" ? 1 : 2; } // in pairs: an app may be called "to"
        to = Math.Min(to, parties.Length);
        if (to == parties.Length - 1 || !TryParseParty(parties[..to], out var from)) { return false; }
        if (!TryParseParty(to < parties.Length ? parties[(to + 1)..] : [], out var target)) { return false; }
        question = new(kind, name, from, target);
        return true;
    }

    private static bool TryParseKind(string word, out PolicyKind kind)
    {
        kind = word switch { "publish" => PolicyKind.Publish, "subscribe" => PolicyKind.Subscribe, _ => PolicyKind.Service };
        return word is "service" or "publish" or "subscribe";
    }

    private static bool TryParseParty(ReadOnlySpan<string> words, [NotNullWhen(true)] out PolicyParty? party)
    {
        var (user, role, app, tags) = (default(UserId), Role.Guest, default(AppId), new List<string>());
        party = null;
        if (words is ["anyone"]) { words = []; }
        if (words.Length % 2 != 0) { return false; }
        for (var i = 0; i < words.Length; i += 2)
        {
            switch (words[i], words[i + 1])
            {
                case ("user", var text) when UserId.TryParse(text, out user): break;
                case ("role", "guest"): role = Role.Guest; break;
                case ("role", "admin"): role = Role.Admin; break;
                case ("role", "owner"): role = Role.Owner; break;
                case ("app", var text) when AppId.TryParse(text, out app): break;
                case ("tag", { Length: > 0 } tag): tags.Add(tag); break;
                default: return false;
            }
        }
        party = new(user, role, app, tags);
        return true;
    }
}
