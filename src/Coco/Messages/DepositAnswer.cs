namespace Coco.Messages;

/// <summary>What a mailbox says of a message it was given (<see cref="MessageFrameType.Kept"/>).</summary>
internal enum DepositAnswer : ulong
{
    Kept = 0,
    NoRoom = 1,
    NoMailbox = 2,
}
