namespace Coco.Messages;

/// <summary>What a mailbox does with a frame.</summary>
internal enum MailboxManner
{
    /// <summary>Reads it.</summary>
    Read,

    /// <summary>Skips it, as one of a type that it does not know.</summary>
    Skip,

    /// <summary>Ends the stream with an error.</summary>
    Refuse,
}
