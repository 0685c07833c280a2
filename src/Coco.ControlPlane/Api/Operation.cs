using System.Collections.Immutable;

namespace Coco.ControlPlane.Api;

/// <summary>
/// One operation of the API: where it is and who may use it. Routes, authorisation, the OpenAPI document and the matrix of tests all come from
/// these, so none of them can differ from the others.
/// </summary>
/// <param name="Id">Its name in the OpenAPI document, camel case.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, with <c>{app}</c> or <c>{network}</c> where access is about one.</param>
/// <param name="Access">Who may use it.</param>
/// <param name="Scope">The OAuth scope a token needs besides; null where none is asked.</param>
/// <param name="Summary">What it does, a sentence.</param>
internal sealed record Operation(string Id, string Method, string Path, Access Access, string? Scope, string Summary)
{
    /// <summary>Whether guesses of secrets have to be slowed down: few a minute from one address.</summary>
    public bool TakesCredentials { get; init; }

    /// <summary>Whether the signed statement comes in the header <c>Coco-Statement</c>, as a DELETE has no body that everybody passes on.</summary>
    public bool TakesStatement { get; init; }

    /// <summary>Whether it reads If-Match: required, or only where it is sent; null where it does not.</summary>
    public bool? RequiresVersion { get; init; }

    /// <summary>Whether its answer carries the ETag of what it shows. A GET that does answers 304 to who has it (RFC 9110 §13.1.2).</summary>
    public bool ShowsVersion { get; init; }

    /// <summary>Problems that it has besides those of all operations and those that follow from its access, its path and what it takes: statuses of 400 to 499.</summary>
    public ImmutableArray<int> Refuses { get; init; } = [];

    /// <summary>Whether a 201 of it says where what was made is.</summary>
    public bool HasLocation { get; init; } = true;
}
