namespace Coco.ControlPlane.Mails;

/// <summary>
/// An address of mail in the one form that it is kept and compared in. Narrower than RFC 5321 on purpose: ASCII, no quotes, and the local part
/// without regard to case, so that no two accounts have addresses that a mail server or a reader takes for one.
/// </summary>
internal readonly record struct EmailAddress
{
    // RFC 5321 §4.5.3.1: 256 for a path with its brackets, 64 for a local part.
    private const int MaxLength = 254;
    private const int MaxLocal = 64;

    private EmailAddress(string text) => Text = text;

    /// <summary>The address, in lower case.</summary>
    public string Text { get; }

    public static bool TryParse(string? text, out EmailAddress address)
    {
        address = default;
        if (text is null || text.Length > MaxLength * 2) { return false; }
        var trimmed = text.Trim(' ');
        if (trimmed.Length > MaxLength || trimmed.Split('@') is not [var local, var domain]) { return false; }
        if (local.Length is 0 or > MaxLocal || !AreAtoms(local, "!#$%&'*+-/=?^_`{|}~")) { return false; }
        if (!AreAtoms(domain, "-") || !domain.Contains('.', StringComparison.Ordinal)) { return false; }
        if (domain.Split('.').Any(label => label.Length > 63 || label[0] == '-' || label[^1] == '-')) { return false; }
        address = new(trimmed.ToLowerInvariant());
        return true;
    }

    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(EmailAddress);

    // RFC 5322 §3.2.3, "dot-atom".
    private static bool AreAtoms(string text, string others) =>
        text.Split('.').All(atom => atom.Length > 0 && atom.All(character => char.IsAsciiLetterOrDigit(character) || others.Contains(character, StringComparison.Ordinal)));
}
