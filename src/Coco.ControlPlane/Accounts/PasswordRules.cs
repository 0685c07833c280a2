using Coco.ControlPlane.Api;
using Coco.ControlPlane.Mails;

namespace Coco.ControlPlane.Accounts;

/// <summary>Which passwords are taken (NIST SP 800-63B §5.1.1.2): by length and not by kinds of characters, and none that everybody tries first.</summary>
internal static class PasswordRules
{
    public const int MinLength = 8;
    public const int MaxLength = 256;

    private const int MinDistinct = 4;

    // Those of eight and more characters that lead every published list of leaked passwords; shorter ones are refused by their length.
    private static readonly HashSet<string> Common = new(StringComparer.OrdinalIgnoreCase)
    {
        "password", "password1", "password12", "password123", "passw0rd", "p@ssw0rd", "p@ssword", "12345678", "123456789", "1234567890", "87654321",
        "987654321", "qwertyui", "qwertyuiop", "qwerty123", "qwerty12", "1q2w3e4r", "1q2w3e4r5t", "1qaz2wsx", "zaq12wsx", "asdfghjkl", "asdfghjk",
        "zxcvbnm1", "iloveyou", "iloveyou1", "sunshine", "princess", "football", "baseball", "superman", "trustno1", "starwars", "welcome1", "welcome123",
        "whatever", "computer", "internet", "letmein1", "letmein123", "michelle", "jennifer", "abcd1234", "abc12345", "a1b2c3d4", "admin123", "administrator",
        "changeme", "changeme1", "password!", "qwertz123", "corvette", "mercedes", "liverpool", "chocolate", "butterfly", "samsung1", "pokemon1", "dragon123",
    };

    /// <exception cref="ApiException">It is too short, too long, or too easily guessed.</exception>
    public static void Check(string password, EmailAddress? address)
    {
        var length = password.EnumerateRunes().Count();
        if (length is < MinLength or > MaxLength) { throw Refused($"A password has {MinLength} to {MaxLength} characters."); }
        var mail = address?.Text ?? "";
        if (Common.Contains(password) || password.Distinct().Count() < MinDistinct || password.Equals(mail, StringComparison.OrdinalIgnoreCase) ||
            password.Equals(mail.Split('@')[0], StringComparison.OrdinalIgnoreCase))
        {
            throw Refused("This password is among the first that anybody would try. Take another, a few words for example.");
        }
    }

    private static ApiException Refused(string detail) => new(ProblemCode.Invalid, detail);
}
