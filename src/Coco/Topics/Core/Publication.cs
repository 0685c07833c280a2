namespace Coco.Topics.Core;

/// <summary>What became of a message.</summary>
/// <param name="Behind">Where all subscribers are behind: the link of the one to wait for.</param>
/// <param name="IsDenied">Whether the policy lets nobody have it of this node.</param>
internal readonly record struct Publication(TopicLink? Behind, bool IsDenied);
