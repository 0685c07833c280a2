namespace Coco.ControlPlane.Accounts;

/// <summary>A code that went out by mail, as stored.</summary>
/// <param name="Email">Where it went.</param>
/// <param name="AccountId">The account it is about; null where there is none yet.</param>
/// <param name="Password">The hash of the password that was chosen with it, for <see cref="MailPurpose.Register"/>.</param>
internal sealed record MailCode(string Email, string? AccountId, string? Password);
