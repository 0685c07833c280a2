namespace Coco.ControlPlane.Pages;

/// <summary>A page with one form.</summary>
/// <param name="Path">Where it is; the form posts there.</param>
/// <param name="Title">What it is.</param>
/// <param name="Button">What the button says.</param>
/// <param name="Fields">Makes the fields of the form.</param>
/// <param name="SubmitAsync">Does what was asked and answers; or returns what was wrong with it, to be shown above the form.</param>
internal sealed record FormPage(string Path, string Title, string Button, Func<FormValues, Html> Fields, Func<HttpContext, FormValues, Task<string?>> SubmitAsync)
{
    /// <summary>What follows the form.</summary>
    public Func<HttpContext, FormValues, Html> After { get; init; } = static (_, _) => $"";

    /// <summary>A redirect URI to which what follows the form may lead; null for none.</summary>
    public Func<FormValues, string?> LeadsTo { get; init; } = static _ => null;

    /// <summary>Whether the script runs on it.</summary>
    public bool IsScripted { get; init; }

    /// <summary>Whether it counts as an attempt with a secret.</summary>
    public bool TakesCredentials { get; init; } = true;
}
