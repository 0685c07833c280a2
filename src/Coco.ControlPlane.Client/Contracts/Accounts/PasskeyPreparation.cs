namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>Asks for what an authenticator needs to make a passkey.</summary>
/// <param name="Password">The caller's password: an open session is not enough to add a way in.</param>
public sealed record PasskeyPreparation(string Password)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(PasskeyPreparation);
}
