namespace Coco.ControlPlane.Accounts;

/// <summary>What a mail lets its reader do.</summary>
internal enum MailPurpose
{
    /// <summary>Nothing: it tells something.</summary>
    Notice,

    /// <summary>Make the account that somebody asked for.</summary>
    Register,

    /// <summary>Set a new password.</summary>
    Reset,

    /// <summary>Make this address the account's.</summary>
    Email,
}
