using Microsoft.AspNetCore.WebUtilities;

namespace Coco.ControlPlane.Tests.OAuth;

/// <summary>What a browser got.</summary>
internal sealed record Shown(int Status, string? Location, string Text, string Policy)
{
    /// <summary>A parameter of the link to which it is sent.</summary>
    public string? this[string name] => Location?.IndexOf('?', StringComparison.Ordinal) is >= 0 and var start && QueryHelpers.ParseQuery(Location[start..]).TryGetValue(name, out var values)
        ? values.Single()
        : null;
}
