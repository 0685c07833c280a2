using System.Diagnostics.CodeAnalysis;
using System.Text;
using Coco.Cluster.Membership;

namespace Coco.Cluster.Policies;

/// <summary>
/// Who may use which services and topics of whom. Nothing is allowed that no rule allows; a rule that denies wins over all that allow, so
/// the order of the rules is of no account. The owner may everything. Written as text, a rule a line, lines that begin with <c>#</c> are comments:
/// <code>
/// coco policy 1
/// allow service ssh from role admin to tag server
/// allow subscribe home/+/temperature from app org.example.chat
/// deny service * from tag quarantine
/// </code>
/// On the wire it is the same text: UTF-8, without comments, rules sorted, a line feed after each line. Equal policies have equal bytes.
/// </summary>
public sealed class Policy
{
    /// <summary>Rules a policy may have.</summary>
    public const int MaxRules = 512;

    /// <summary>Bytes its text may have.</summary>
    public const int MaxLength = 64 * 1024;

    private const string FirstLine = "coco policy 1";

    private readonly PolicyRule[] _rules;
    private readonly string[] _unknown;

    private Policy(IEnumerable<PolicyRule> rules, IEnumerable<string> unknown)
    {
        _rules = [.. rules.DistinctBy(rule => rule.ToString(), StringComparer.Ordinal).OrderBy(rule => rule.ToString(), StringComparer.Ordinal)];
        _unknown = [.. unknown.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The policy that allows nothing.</summary>
    public static Policy Empty { get; } = new([], []);

    /// <summary>The rules, as lines.</summary>
    public IReadOnlyList<string> Rules => [.. _rules.Select(rule => rule.ToString()).Concat(_unknown).Order(StringComparer.Ordinal)];

    /// <summary>Reads what a person wrote. On failure <paramref name="error"/> says in which line, and what is wrong with it.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Policy? policy, out string error)
    {
        policy = null;
        if (!TrySplit(text, out var lines, out error)) { return false; }
        var rules = new List<PolicyRule>();
        foreach (var (number, line) in lines)
        {
            if (!PolicyRule.TryParse(line, out var rule))
            {
                error = $"line {number}: '{line}' is no rule, which is: allow|deny service NAME|publish PATTERN|subscribe PATTERN from WHO [to WHO]";
                return false;
            }
            rules.Add(rule);
        }
        policy = new(rules, []);
        return true;
    }

    /// <summary>
    /// Reads what another version may have written. Of the lines it does not understand, those that allow are kept and allow nothing; any
    /// other might forbid what this version would allow, and so denies everything.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Policy? policy)
    {
        policy = null;
        if (bytes.Length > MaxLength || !System.Text.Unicode.Utf8.IsValid(bytes)) { return false; }
        if (!TrySplit(Encoding.UTF8.GetString(bytes), out var lines, out _)) { return false; }
        var parsed = lines.Select(line => (line.Text, Rule: PolicyRule.TryParse(line.Text, out var rule) ? rule : null)).ToArray();
        policy = new(parsed.Where(line => line.Rule is not null).Select(line => line.Rule!), parsed.Where(line => line.Rule is null).Select(line => line.Text));
        return true;
    }

    /// <summary>The bytes that travel in a statement.</summary>
    public byte[] Encode() => Encoding.UTF8.GetBytes(ToString());

    /// <summary>Decides, and says by which rule.</summary>
    public PolicyDecision Decide(PolicyQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        if (question.From.Role is Role.Owner) { return new(PolicyOutcome.IsOwner, null); }
        if (Array.Find(_unknown, line => !line.StartsWith("allow ", StringComparison.Ordinal)) is { } unknown)
        {
            return new(PolicyOutcome.NotUnderstood, unknown);
        }
        if (Array.Find(_rules, rule => rule.IsDeny && rule.Applies(question)) is { } deny) { return new(PolicyOutcome.Denied, deny.ToString()); }
        return Array.Find(_rules, rule => !rule.IsDeny && rule.Applies(question)) is { } allow
            ? new(PolicyOutcome.Allowed, allow.ToString())
            : new(PolicyOutcome.NoRule, null);
    }

    /// <summary>What each rule about the service or topic asked for says to it, for people who wonder about a decision. Lines of later
    /// versions come first.</summary>
    public IReadOnlyList<PolicyRemark> Explain(PolicyQuestion question)
    {
        ArgumentNullException.ThrowIfNull(question);
        return [.. _unknown.Select(PolicyRemark.OfUnknown), .. _rules.Where(rule => rule.IsAbout(question)).Select(rule => rule.RemarkOn(question))];
    }

    /// <summary>The text, one spelling for each policy.</summary>
    public override string ToString() => string.Concat(Rules.Prepend(FirstLine).Select(line => line + "\n"));

    private static bool TrySplit(string text, out List<(int Number, string Text)> lines, out string error)
    {
        (lines, error) = ([], "");
        if (Encoding.UTF8.GetByteCount(text) > MaxLength)
        {
            error = $"a policy has at most {MaxLength} bytes";
            return false;
        }
        var hasBegun = false;
        var number = 0;
        foreach (var raw in text.Split('\n'))
        {
            number++;
            var line = raw.TrimEnd('\r');
            // Comments have lines of their own: elsewhere '#' is a pattern.
            if (line.AsSpan().TrimStart() is ['#', ..]) { continue; }
            line = string.Join(' ', line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
            if (line.Length == 0) { continue; }
            if (!hasBegun && line != FirstLine)
            {
                error = $"line {number}: a policy begins with '{FirstLine}'";
                return false;
            }
            if (hasBegun) { lines.Add((number, line)); }
            hasBegun = true;
            if (lines.Count > MaxRules || !WireText.IsPlain(line))
            {
                error = $"line {number}: more than {MaxRules} rules, or a control character";
                return false;
            }
        }
        if (!hasBegun) { error = $"line 1: a policy begins with '{FirstLine}'"; }
        return hasBegun;
    }
}
