namespace Coco.Messages;

/// <summary>What a stream of messages carries. The node that opens it says so.</summary>
internal enum MessageStreamType : ulong
{
    /// <summary>Messages, one way; receipts come back. A pair has one for each way.</summary>
    Messages = 0,

    /// <summary>Requests, one way; answers come back.</summary>
    Requests = 1,

    /// <summary>A file.</summary>
    File = 2,

    /// <summary>What is to be kept for others, or fetched.</summary>
    Mailbox = 3,
}
