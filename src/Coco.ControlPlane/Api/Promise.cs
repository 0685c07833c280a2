using System.Collections.Immutable;

namespace Coco.ControlPlane.Api;

/// <summary>What the mapping of an operation says of its answers, for the document.</summary>
/// <param name="Statuses">What it answers when all is well.</param>
/// <param name="HasPages">Whether it reads <c>cursor</c> and <c>limit</c>.</param>
/// <param name="HasMemory">Whether it remembers an <c>Idempotency-Key</c>.</param>
internal sealed record Promise(ImmutableArray<int> Statuses, bool HasPages, bool HasMemory);
