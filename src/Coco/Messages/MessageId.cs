using System.Globalization;

namespace Coco.Messages;

/// <summary>What a message is known by at both ends, however often it is sent or handed out. With the sender it is unique.</summary>
/// <param name="Lineage">A random number of the sender's for one receiver.</param>
/// <param name="Sequence">The messages in it are numbered from 1 on.</param>
public readonly record struct MessageId(ulong Lineage, ulong Sequence)
{
    /// <summary>The two numbers, hexadecimal and decimal.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Lineage:x16}-{Sequence}");
}
