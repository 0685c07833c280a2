namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>Access to resources.</summary>
/// <param name="Id">The statement that granted it, by which it is taken back.</param>
/// <param name="Issuer">Who granted it.</param>
/// <param name="Resources">The pattern of resources.</param>
/// <param name="Actions">What may be done with them; empty for everything.</param>
/// <param name="User">For whom; null where it is for a role.</param>
/// <param name="Role">For users of which role; null where it is for a user.</param>
/// <param name="From">From when; null for always.</param>
/// <param name="Until">Until when, not included; null for ever.</param>
public sealed record GrantView(
    string Id, string Issuer, string Resources, IReadOnlyList<string> Actions, string? User = null, string? Role = null, DateTimeOffset? From = null, DateTimeOffset? Until = null);
