namespace Coco.ControlPlane.Client.Contracts.Networks;

/// <summary>What a key has to sign to show that its holder makes the request.</summary>
/// <param name="Challenge">A text that the control plane recognises as its own.</param>
/// <param name="Subject">Who asked for it, as the control plane names callers. It is part of what is signed.</param>
/// <param name="Expires">Until when it is good.</param>
public sealed record ChallengeView(string Challenge, string Subject, DateTimeOffset Expires);
