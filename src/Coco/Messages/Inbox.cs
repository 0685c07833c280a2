using System.Text;
using Coco.Crypto;

namespace Coco.Messages;

/// <summary>What has come of one sender's lineage. Under the journal's lock.</summary>
internal sealed class Inbox(NodeId sender, ulong lineage, int channel)
{
    private byte[] _subjectBytes = [];
    private string _subject = "";

    public NodeId Sender => sender;

    public ulong Lineage => lineage;

    /// <summary>Its number in the log.</summary>
    public int Channel => channel;

    /// <summary>All up to this one have come, or never will.</summary>
    public ulong UpTo { get; set; }

    /// <summary>The same of what is on the disk.</summary>
    public ulong StoredUpTo { get; set; }

    /// <summary>What has come out of order, by sequence: it waits for what is before it.</summary>
    public SortedDictionary<ulong, ReceivedMessage> Ahead { get; } = [];

    /// <summary>Messages that the app has not completed, and their bytes.</summary>
    public int Count { get; set; }

    public long Bytes { get; set; }

    /// <summary>Counts streams and failures: what an earlier one still brings is not taken.</summary>
    public int Epoch { get; set; }

    /// <summary>When something last came.</summary>
    public long UsedAt { get; set; }

    /// <summary>Told when what came is on the disk, or there is room again.</summary>
    public AsyncSignal? Signal { get; set; }

    /// <summary>Steps of <see cref="UpTo"/> whose records are on their way to the disk.</summary>
    public Queue<(long Number, ulong UpTo)> Steps { get; } = new();

    /// <summary>A subject as text; most are the same as the one before.</summary>
    public string SubjectOf(ReadOnlySpan<byte> subject)
    {
        if (subject.IsEmpty) { return ""; }
        if (!subject.SequenceEqual(_subjectBytes)) { (_subjectBytes, _subject) = (subject.ToArray(), Encoding.UTF8.GetString(subject)); }
        return _subject;
    }
}
