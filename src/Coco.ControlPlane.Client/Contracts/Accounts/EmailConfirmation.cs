namespace Coco.ControlPlane.Client.Contracts.Accounts;

/// <summary>The code of a mail to a new address.</summary>
/// <param name="Code">The code in the mail's link.</param>
public sealed record EmailConfirmation(string Code)
{
    /// <summary>Nothing of it: texts end in logs.</summary>
    public override string ToString() => nameof(EmailConfirmation);
}
