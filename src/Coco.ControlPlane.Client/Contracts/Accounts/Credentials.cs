namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>An address and a password.</summary>
/// <param name="Email">The address of mail.</param>
/// <param name="Password">The password, 8 to 256 characters where it is chosen.</param>
public sealed record Credentials(string Email, string Password)
{
    /// <summary>Nothing of them: texts end in logs.</summary>
    public override string ToString() => nameof(Credentials);
}
