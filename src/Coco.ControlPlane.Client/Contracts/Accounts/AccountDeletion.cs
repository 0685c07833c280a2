namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>Deletes the caller's account.</summary>
/// <param name="Password">The caller's password.</param>
public sealed record AccountDeletion(string Password)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(AccountDeletion);
}
