namespace Coco.Cli.Api;

/// <summary>What came of a link whose requests were looked at.</summary>
/// <param name="Invitation">The invitation's name.</param>
/// <param name="Network">Into which network.</param>
/// <param name="Node">Who was let in; null where nobody has asked who has the link.</param>
internal sealed record LinkAnswered(string Invitation, string Network, string? Node);
