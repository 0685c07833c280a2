using System.Collections.Immutable;
using Coco.ControlPlane.Client.Contracts.Apps;

namespace Coco.ControlPlane.Apps;

/// <summary>One scope.</summary>
/// <param name="Name">How it is written in requests and tokens.</param>
/// <param name="Lets">What it lets an app do, as people read it after "may".</param>
/// <param name="Kinds">Kinds of apps that may have it.</param>
internal sealed record Scope(string Name, string Lets, ImmutableArray<AppKind> Kinds)
{
    public Scope(string name, string lets, AppKind[] kinds)
        : this(name, lets, kinds.ToImmutableArray())
    {
    }

    /// <summary>Whether it is about a person, so that an app cannot have it for itself.</summary>
    public bool IsOfPeople { get; init; }
}
