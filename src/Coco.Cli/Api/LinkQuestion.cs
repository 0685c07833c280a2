namespace Coco.Cli.Api;

/// <summary>A question about links at a control plane.</summary>
/// <param name="Control">Which control plane; null for the one that the network lists.</param>
/// <param name="Token">The token for it, which is kept nowhere.</param>
/// <param name="Invitation">Which invitation, by its name there or by the link; null for all.</param>
/// <param name="NoteTo">The address of mail that is to get a note.</param>
internal sealed record LinkQuestion(string? Control, string Token, string? Invitation = null, string? NoteTo = null)
{
    /// <summary>Nothing of the token: texts end in logs.</summary>
    public override string ToString() => nameof(LinkQuestion);
}
