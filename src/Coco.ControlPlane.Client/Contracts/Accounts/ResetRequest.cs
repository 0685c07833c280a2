namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>Asks for a mail by which to set a new password.</summary>
/// <param name="Email">The account's address.</param>
public sealed record ResetRequest(string Email)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(ResetRequest);
}
