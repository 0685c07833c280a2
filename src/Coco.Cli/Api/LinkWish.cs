namespace Coco.Cli.Api;

/// <summary>A link that is to be made at a control plane.</summary>
/// <param name="Control">Which control plane; null for the one that the network lists.</param>
/// <param name="Token">The token for it, which is kept nowhere.</param>
/// <param name="Invitation">What the newcomer will be.</param>
/// <param name="NoteTo">The address of mail that is to get a note; null for no note.</param>
internal sealed record LinkWish(string? Control, string Token, InviteWish Invitation, string? NoteTo = null)
{
    /// <summary>Nothing of the token: texts end in logs.</summary>
    public override string ToString() => nameof(LinkWish);
}
