using System.Collections.Immutable;
using System.Text.Json;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Apps;

/// <summary>An app, as stored.</summary>
internal sealed record App(string Id, string Owner, string Name, AppKind Kind, ImmutableArray<string> RedirectUris, ImmutableArray<string> Scopes, DateTimeOffset Created, long Version)
{
    /// <summary>SHA-256 of the secret; null for apps that cannot keep one.</summary>
    public byte[]? Secret { get; init; }

    /// <summary>SHA-256 of the secret before, which is good until <see cref="PreviousUntil"/>.</summary>
    public byte[]? PreviousSecret { get; init; }

    public DateTimeOffset? PreviousUntil { get; init; }

    /// <summary>Whether it can keep a secret (RFC 6749 §2.1, "confidential").</summary>
    public bool IsConfidential => IsConfidentialKind(Kind);

    public AppView View => new(Id, Name, Kind, RedirectUris, Scopes, Created, Version);

    public static bool IsConfidentialKind(AppKind kind) => kind is AppKind.Service or AppKind.CloudToCloud;

    /// <summary>How a kind is written in the database, as in JSON.</summary>
    public static string TextOf(AppKind kind) => JsonNamingPolicy.CamelCase.ConvertName(kind.ToString());
}
