namespace Coco.ControlPlane.Client.Contracts;

/// <summary>A part of a listing.</summary>
/// <param name="Items">What is in it, in a fixed order.</param>
/// <param name="Next">What to send as <c>cursor</c> for the next part; null at the end.</param>
/// <typeparam name="T">What is listed.</typeparam>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
