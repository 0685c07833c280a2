namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>The code of a mail, and a password.</summary>
/// <param name="Code">The code in the mail's link.</param>
/// <param name="Password">The password: the one that was chosen at the registration, or the new one.</param>
public sealed record AccountConfirmation(string Code, string Password)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(AccountConfirmation);
}
