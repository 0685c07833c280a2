using System.Diagnostics.CodeAnalysis;
using Coco.Cluster.Grants;

namespace Coco.Cluster.Policies;

/// <summary>
/// One line of a policy:
/// <code>
/// allow|deny  service NAME|*  |  publish PATTERN  |  subscribe PATTERN   from WHO  [to WHO]
/// </code>
/// </summary>
internal sealed record PolicyRule(bool IsDeny, PolicyKind Kind, string Target, PolicyMatch From, PolicyMatch To)
{
    public const int MaxLength = 1024;

    // Null for services, whose target is a name or a star.
    private readonly ResourcePattern? _pattern = Kind is PolicyKind.Service ? null : ResourcePattern.Parse(Target);

    public bool Applies(PolicyQuestion question) => IsAbout(question) && From.Fits(question.From) && To.Fits(question.To);

    /// <summary>Whether the rule is about what is asked for, whoever asks.</summary>
    public bool IsAbout(PolicyQuestion question) =>
        Kind == question.Kind
        && (_pattern is { } pattern ? pattern.Matches(question.Name) && !IsKeptFor(question.Name) : Target is "*" || string.Equals(Target, question.Name, StringComparison.Ordinal));

    // MQTT 5 §4.7.2: a wildcard at the start is not for topics that begin with a dollar sign, which are those of the network's own services: who is allowed all
    // topics is not allowed those by the way. A rule that denies says no to them too, as it could be meant to.
    private bool IsKeptFor(string name) => !IsDeny && name is ['$', ..] && Target is ['+' or '#', ..];

    /// <summary>What the rule, which is about what is asked for, says to it.</summary>
    public PolicyRemark RemarkOn(PolicyQuestion question)
    {
        var misfit = From.MisfitOf(question.From) is { } from ? $"not for who asks: {from}"
            : To.MisfitOf(question.To) is { } to ? $"not for who is asked: {to}"
            : null;
        return new(ToString(), misfit is null, misfit ?? (IsDeny ? "forbids it" : "allows it"));
    }

    /// <summary>Reads a line without comment. Words are divided by spaces; a topic with a space in it cannot be written.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out PolicyRule? rule)
    {
        rule = null;
        if (line.Length > MaxLength) { return false; }
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 5 || words[0] is not ("allow" or "deny") || words[3] != "from") { return false; }
        if (!TryParseKind(words[1], out var kind)) { return false; }
        if (kind is PolicyKind.Service ? words[2] != "*" && !Labels.IsValid(words[2]) : !ResourcePattern.TryParse(words[2], out _)) { return false; }
        var to = words[4] == "anyone" ? 5 : 4;
        while (to < words.Length && words[to] != "to") { to += 2; } // in pairs: an app may be called "to"
        to = Math.Min(to, words.Length);
        if (!PolicyMatch.TryParse(words.AsSpan(4..to), out var from)) { return false; }
        var target = PolicyMatch.Anyone;
        if (to < words.Length && !PolicyMatch.TryParse(words.AsSpan(to + 1), out target)) { return false; }
        rule = new(words[0] == "deny", kind, words[2], from, target);
        return true;
    }

    public override string ToString() =>
        $"{(IsDeny ? "deny" : "allow")} {NameOf(Kind)} {Target} from {From}{(To == PolicyMatch.Anyone ? "" : $" to {To}")}";

    private static bool TryParseKind(string word, out PolicyKind kind)
    {
        kind = word switch { "publish" => PolicyKind.Publish, "subscribe" => PolicyKind.Subscribe, _ => PolicyKind.Service };
        return word is "service" or "publish" or "subscribe";
    }

    private static string NameOf(PolicyKind kind) => kind switch
    {
        PolicyKind.Publish => "publish",
        PolicyKind.Subscribe => "subscribe",
        _ => "service",
    };
}
