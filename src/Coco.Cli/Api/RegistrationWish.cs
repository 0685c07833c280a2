namespace Coco.Cli.Api;

/// <summary>A control plane where a network is to be brought, and the token for it, which is kept nowhere.</summary>
internal sealed record RegistrationWish(string Control, string Token)
{
    /// <summary>Nothing of the token: texts end in logs.</summary>
    public override string ToString() => nameof(RegistrationWish);
}
