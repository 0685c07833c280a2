using Coco.ControlPlane.Api;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Apps;

/// <summary>Which apps are taken.</summary>
internal static class AppRules
{
    public const int MaxApps = 100;

    private const int MaxName = 64;
    private const int MaxRedirectUris = 10;

    /// <exception cref="ApiException">A value is none that such an app may have.</exception>
    public static void Check(AppKind kind, string name, IReadOnlyList<string> redirectUris, IReadOnlyList<string> scopes)
    {
        // People read the name when they decide whether to let it: nothing that hides, reverses or breaks the line.
        if (name.Length is 0 or > MaxName || name.Trim() != name || name.Any(character => char.IsControl(character) || IsInvisible(character)))
        {
            throw Refused($"name has 1 to {MaxName} visible characters.");
        }
        if (redirectUris.Count > MaxRedirectUris) { throw Refused($"There are at most {MaxRedirectUris} redirect URIs."); }
        if (redirectUris.Contains(null!)) { throw Refused("A redirect URI is null."); }
        if (redirectUris.FirstOrDefault(uri => !RedirectUris.MayRegister(kind, uri)) is { } wrong)
        {
            throw Refused($"'{(wrong.Length > 100 ? wrong[..100] : wrong)}' is no redirect URI for an app of this kind: https, or for native apps a scheme of their own (com.example.app:/…) or http://127.0.0.1.");
        }
        if (redirectUris.Distinct(StringComparer.Ordinal).Count() != redirectUris.Count) { throw Refused("A redirect URI is there twice."); }
        if (scopes.Count > Scopes.All.Length || scopes.Distinct(StringComparer.Ordinal).Count() != scopes.Count || !scopes.All(scope => Scopes.MayHave(kind, scope)))
        {
            throw Refused($"Apps of this kind may have {string.Join(", ", Scopes.All.Where(scope => scope.Kinds.Contains(kind)).Select(scope => scope.Name))}, each once.");
        }
    }

    private static bool IsInvisible(char character) =>
        char.GetUnicodeCategory(character) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or
            System.Globalization.UnicodeCategory.ParagraphSeparator or System.Globalization.UnicodeCategory.PrivateUse or System.Globalization.UnicodeCategory.OtherNotAssigned;

    private static ApiException Refused(string detail) => new(ProblemCode.Invalid, detail);
}
